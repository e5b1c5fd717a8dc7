"""A page with the sources of the charts in it, as they are before they are bundled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Route

from infra import ROOT

MODULES = ROOT / "chalicelib" / "dashboard" / "js"
ORIGIN = "http://modules.test"
NAMES = ("useEffect", "useReducer", "useRef", "useState")
HOOKS = f"data:text/javascript,export const {', '.join(f'{name} = () => []' for name in NAMES)};"
FRAME = f"""<script type="importmap">{{"imports": {{"preact/hooks": "{HOOKS}"}}}}</script>
<script type="module">
  import * as axes from "./axes.js";
  import * as compare from "./day/compare.js";
  import * as day from "./day/charts.js";
  import * as format from "./format.js";
  import * as palettes from "./palette.js";
  import * as range from "./range/charts.js";
  import * as shades from "./shades.js";
  import * as slots from "./today/slots.js";
  import * as worth from "./value.js";
  import {{ meanOf }} from "./exact.js";
  import {{ METRIC }} from "./range/metrics.js";
  const listed = (name) => Array.from({{ length: 4 }}, (_, index) => name + index);
  const known = {{ letters: 12, gains: listed("gain"), losses: listed("loss"), rises: listed("rise") }};
  const palette = new Proxy(known, {{ get: (all, name) => all[name] ?? String(name) }});
  Object.assign(window, axes, compare, day, palettes, range, shades, slots, worth);
  Object.assign(window, {{ format, meanOf, METRIC, palette }});
</script>"""


@contextmanager
def page_with_charts(chromium: Browser) -> Iterator[Page]:
    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if name:
            route.fulfill(body=(MODULES / name).read_bytes(), content_type="text/javascript")
        else:
            route.fulfill(body=FRAME, content_type="text/html")

    page = chromium.new_page(locale="en-GB")
    page.route(f"{ORIGIN}/**", serve)
    page.goto(f"{ORIGIN}/")
    page.wait_for_function("window.palette")
    yield page
    page.close()
