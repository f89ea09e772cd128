// Bundles src/ into web/static/vendor/: one entry a page may ask for by name, the rest in shared chunks.
//
// Run by _backend.py when the project is installed; by hand: `npm ci --ignore-scripts && npm run build`.

import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here("../static/vendor");

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: {
    "htmx": here("src/htmx.js"),
    "caseloom-viewer": here("src/viewer.js"),
    "caseloom-dmn": here("src/dmn.js"),
    "caseloom-form": here("src/form.js"),
    "caseloom-modeler": here("src/modeler.js"),
  },
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  legalComments: "linked",
  target: ["es2022", "chrome117", "firefox119", "safari17.4"],
  chunkNames: "chunks/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  loader: { ".woff": "file", ".woff2": "file", ".ttf": "file", ".eot": "file", ".svg": "file" },
  logLevel: "warning",
});
