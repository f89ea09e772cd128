// Brings elements to life when they enter the page, also those that htmx swaps in later.

/** Calls `mount(element)` once for every element that matches, now and as long as the page lives. */
export function mountAll(selector, mount) {
  const mounted = new WeakSet();

  const mountNew = () => {
    for (const element of document.querySelectorAll(selector)) {
      if (mounted.has(element)) continue;
      mounted.add(element);
      mount(element);
    }
  };

  whenReady(() => {
    mountNew();
    new MutationObserver(mountNew).observe(document.body, { childList: true, subtree: true });
  });
}

/** Calls `act` once the document has been read. */
export function whenReady(act) {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act, { once: true });
  else act();
}

/** Adds a style sheet that stands beside this bundle, once; resolves when it is in force. */
export function styleSheet(file) {
  const href = new URL(file, bundleFolder()).href;
  if ([...document.styleSheets].some((sheet) => sheet.href?.split("?")[0] === href)) return Promise.resolve();

  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new Error(`${file} is not there`)));
  });
}

// Code that several bundles share ends up in chunks/, one folder below the bundles.
function bundleFolder() {
  const here = new URL(".", import.meta.url);
  return here.pathname.endsWith("/chunks/") ? new URL("..", here) : here;
}
