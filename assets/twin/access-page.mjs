// Draws the glyphs of pages that need no more script than that: log-in, accounts.

import { hydrateIcons } from "./icons.mjs";

hydrateIcons(document.body);
