// The colours and font sizes of the style sheet, for drawing on a canvas.

import { useEffect, useState } from "preact/hooks";

const NAMES = ["ink", "soft", "line", "edge", "missing", "panel", "buy", "sell", "accent", "none"];
const HEAT = ["heat-loss-far", "heat-loss", "zero", "heat-gain", "heat-gain-far"];
const RISE = ["zero", "heat-rise", "heat-rise-far"];

function current() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const colours = Object.fromEntries(NAMES.map((name) => [name, colour(name)]));
  const letters = Math.round(Number.parseFloat(style.fontSize) * 0.75);
  return { ...colours, gain: colour("gain-bar"), loss: colour("loss-bar"), heat: HEAT.map(colour), rise: RISE.map(colour), letters, family: style.getPropertyValue("--family").trim() };
}

export function usePalette() {
  const [palette, setPalette] = useState(current);
  useEffect(() => {
    const changed = () => setPalette(current());
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", changed);
    addEventListener("resize", changed);
    return () => {
      dark.removeEventListener("change", changed);
      removeEventListener("resize", changed);
    };
  }, []);
  return palette;
}

// The options that all charts share.
export function canvas(palette) {
  const text = { color: palette.ink, fontFamily: palette.family, fontSize: palette.letters };
  return {
    animation: false,
    useUTC: true,
    textStyle: text,
    tooltip: {
      // Drawn on the canvas: the other mode writes HTML with inline styles, which our policy forbids.
      renderMode: "richText",
      confine: true,
      backgroundColor: palette.panel,
      borderColor: palette.line,
      textStyle: text,
    },
  };
}

export function category(palette, data, more = {}) {
  return {
    type: "category",
    data,
    axisLine: { lineStyle: { color: palette.edge }, onZero: true },
    axisTick: { show: false },
    axisLabel: { color: palette.soft, fontSize: palette.letters, fontFamily: palette.family },
    ...more,
  };
}

export function value(palette, name, format, more = {}) {
  return {
    type: "value",
    name,
    nameTextStyle: { color: palette.soft, fontSize: palette.letters, align: more.position === "right" ? "right" : "left" },
    nameGap: palette.letters,
    axisLabel: { color: palette.soft, fontSize: palette.letters, fontFamily: palette.family, formatter: format },
    splitLine: { lineStyle: { color: palette.line } },
    ...more,
  };
}
