// Returns what is covered, cut or out of sight on the page, or in the dialog that is open.
//
// What lies in a frame that scrolls may be out of sight there; a column of a table may not where the screen is wide
// (`isWide`). A letter's box is hit at its two ends and in its middle: if something else is hit, that covers it.
(isWide) => {
  const CONTROLS = "button, input, select, textarea, summary";
  const FIELDS = "input, select, textarea";
  const INSET = 2;
  const ROWS = 12; // further rows of a table repeat its columns, whose widths are compared for all rows
  const root = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const found = new Set();
  const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";
  const textsOf = (one) => [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".unseen, .skip, datalist, option")
    && getComputedStyle(one).clipPath === "none";
  const nameOf = (one) => {
    const within = one.closest("[data-name], [data-card], [aria-label], section, header, dialog");
    const place = within?.dataset.name ?? within?.dataset.card ?? within?.ariaLabel ?? within?.className ?? "page";
    return `${one.localName} "${(one.ariaLabel ?? one.textContent).trim().slice(0, 60)}" in ${place}`;
  };
  const framesOf = (one) => {
    const outer = one.parentElement;
    if (outer === null || outer === document.documentElement) return [];
    if (!known.has(outer)) {
      const { overflowX, overflowY } = getComputedStyle(outer);
      const isFrame = outer !== document.body && (overflowX !== "visible" || overflowY !== "visible");
      const entry = isFrame ? [{ outer, isScrolled: outer.scrollWidth > outer.clientWidth + 1 }] : [];
      known.set(outer, [...entry, ...framesOf(outer)]);
    }
    return known.get(outer);
  };
  const known = new Map();
  const boxesOf = (one) => {
    if (one.matches(FIELDS)) return [one.getBoundingClientRect()];
    const range = document.createRange();
    return textsOf(one).flatMap((node) => {
      range.selectNodeContents(node);
      return [...range.getClientRects()];
    });
  };
  const isCut = (one, { display, overflowX }) => {
    if (display === "inline" || scrolls(overflowX) || one.matches(FIELDS)) return false;
    if (overflowX !== "visible") return one.scrollWidth > one.clientWidth + 1;
    const { right } = one.getBoundingClientRect();
    return boxesOf(one).some((box) => box.right > right + 1);
  };
  const checkCut = (one, style) => {
    // A name that is shortened, itself or a part of it, is whole in its title.
    const named = one.closest("[title]");
    const isWhole = style.textOverflow === "ellipsis" && named?.title.trim() === named?.textContent.trim();
    if (!isWhole && isCut(one, style)) found.add(`${nameOf(one)} is cut`);
  };
  const checkSight = (one, frames, box) => {
    const own = getComputedStyle(one).overflowX === "visible" ? [] : [{ outer: one }];
    let { left, right, top, bottom } = box;
    const isFramed = own.length > 0 || frames.some((frame) => frame.isScrolled);
    if (!isFramed && (left < -0.5 || right > innerWidth + 0.5)) found.add(`${nameOf(one)} is out of sight`);
    for (const { outer } of [...own, ...frames]) {
      const edge = outer.getBoundingClientRect();
      [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
    }
    [top, bottom] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
    if (right - left < 3 * INSET || bottom - top < 3 * INSET) return;
    for (const x of [left + INSET, (left + right) / 2, right - INSET]) {
      const hit = document.elementFromPoint(x, (top + bottom) / 2);
      if (!hit || one.contains(hit) || hit.contains(one)) continue;
      // A heading or a first column that stays in sight covers what is scrolled below it.
      const cell = hit.closest("th, td");
      const isAbove = cell && getComputedStyle(cell).position === "sticky" && frames.some(({ outer }) => outer.contains(cell));
      if (!isAbove) found.add(`${nameOf(one)} is covered by ${nameOf(hit)}`);
    }
  };
  for (const one of root.querySelectorAll("*")) {
    const isText = textsOf(one).length > 0;
    if ((!isText && !one.matches(CONTROLS)) || one.closest(`tbody > tr:nth-child(n + ${ROWS})`) || !isShown(one)) continue;
    checkCut(one, getComputedStyle(one));
    if (isText || one.matches(FIELDS)) boxesOf(one).forEach((box) => checkSight(one, framesOf(one), box));
  }
  for (const scroller of root.querySelectorAll(".scroller")) {
    const frame = scroller.getBoundingClientRect();
    const isWhole = isWide && !scroller.closest("details"); // the table behind a chart is as narrow as the chart
    for (const row of scroller.querySelectorAll("tr")) {
      if (row.closest(".scroller") !== scroller) continue;
      const cells = [...row.cells].filter((cell) => cell.checkVisibility()).map((cell) => [cell, cell.getBoundingClientRect()]);
      cells.forEach(([cell, box], index) => {
        const next = cells[index + 1]?.[1];
        const isSticky = !isWhole && index + 2 === cells.length && getComputedStyle(cells.at(-1)[0]).position === "sticky";
        if (next && !isSticky && box.right > next.left + 0.5) found.add(`${nameOf(cell)} is under its neighbour`);
        if (isWhole && (box.left < frame.left - 0.5 || box.right > frame.right + 0.5)) found.add(`${nameOf(cell)} is out of sight`);
        if (cell.scrollWidth > cell.clientWidth + 1 && !cell.classList.contains("text")) found.add(`${nameOf(cell)} is cut`);
      });
    }
  }
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) found.add(`the page is ${scrollWidth} wide`);
  if (root.scrollWidth > root.clientWidth + 1) found.add(`the dialog is ${root.scrollWidth} wide`);
  return [...found];
}
