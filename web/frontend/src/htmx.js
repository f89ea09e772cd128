// htmx, for attributes such as hx-get and hx-post. Nothing of ours: the settings that keep it within a strict
// content security policy are the absence of `hx-on` and `js:` in our pages.

import htmx from "htmx.org";

window.htmx = htmx;
