// Bundles src/ into web/static/vendor/: one entry a page may ask for by name, the rest in shared chunks.
//
// Run by _backend.py when the project is installed; by hand: `npm ci --ignore-scripts && npm run build`.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here("../static/vendor");

await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: here("."),
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
  legalComments: "none",
  metafile: true,
  target: ["es2022", "chrome117", "firefox119", "safari17.4"],
  chunkNames: "chunks/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  loader: { ".woff": "file", ".woff2": "file", ".ttf": "file", ".eot": "file", ".svg": "file" },
  logLevel: "warning",
});
await writeFile(`${outdir}/licenses.txt`, await licenses(metafile));

/** The licence of every package that went into the bundles, one after the other. */
async function licenses({ inputs }) {
  const folders = new Set(Object.keys(inputs).map((path) => path.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]));
  folders.delete(undefined);

  return (await Promise.all([...folders].sort().map(license))).join(`\n${"=".repeat(80)}\n\n`);
}

async function license(folder) {
  const { name, version, license: kind } = JSON.parse(await readFile(here(`${folder}/package.json`), "utf8"));
  const file = (await readdir(here(folder))).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(here(`${folder}/${file}`), "utf8") : "";

  return `${name} ${version} (${kind})\n\n${text.trim()}\n`;
}
