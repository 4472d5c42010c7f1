// Runs in the page. Answers with what a reader would complain about: one line each, none when all is well.
(() => {
  const problems = [];
  const visible = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0; };
  const name = e => `${e.tagName.toLowerCase()} "${(e.textContent || '').trim().slice(0, 60)}"`;
  const box = e => e.getBoundingClientRect();
  const inside = (a, b, slack = 1) => a.left >= b.left - slack && a.right <= b.right + slack && a.top >= b.top - slack && a.bottom <= b.bottom + slack;
  const apart = (a, b, slack = 1) => a.right <= b.left + slack || b.right <= a.left + slack || a.bottom <= b.top + slack || b.bottom <= a.top + slack;

  // The picture: a text lies wholly in a box or wholly beside it; no two texts touch; nothing leaves the picture.
  for (const svg of document.querySelectorAll('figure svg')) {
    const texts = [...svg.querySelectorAll('text')].filter(visible), rects = [...svg.querySelectorAll('rect')];
    if (texts.length === 0) problems.push('the picture has no words');
    for (const text of texts) {
      if (!inside(box(text), box(svg), 0)) problems.push(`${name(text)} leaves the picture`);
      for (const rect of rects) if (!apart(box(text), box(rect)) && !inside(box(text), box(rect))) problems.push(`${name(text)} crosses the edge of a box`);
    }
    for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) if (!apart(box(texts[i]), box(texts[j]))) problems.push(`${name(texts[i])} and ${name(texts[j])} overlap`);
    for (let i = 0; i < rects.length; i++) for (let j = i + 1; j < rects.length; j++) { const a = box(rects[i]), b = box(rects[j]); if (!apart(a, b) && !inside(a, b) && !inside(b, a)) problems.push('two boxes overlap'); }
    if (svg.getAttribute('role') !== 'img' || !svg.querySelector('title') || !svg.querySelector('desc')) problems.push('the picture has no title or description');
    for (const id of (svg.getAttribute('aria-labelledby') || '').split(' ')) if (!document.getElementById(id)) problems.push(`the picture is named by ${id}, which is not there`);
  }

  // The page: nothing is wider than the window, no text is cut.
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth + 1) problems.push(`the page is ${page.scrollWidth} wide in a window of ${page.clientWidth}`);
  for (const e of document.querySelectorAll('pre, p, li, h1, h2, h3, td, th')) if (visible(e) && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline') problems.push(`${name(e)} is cut`);

  // The structure, as a screen reader goes through it.
  if (document.querySelectorAll('h1').length !== 1) problems.push('there is not exactly one h1');
  let level = 0;
  for (const h of document.querySelectorAll('h1, h2, h3, h4')) { const n = +h.tagName[1]; if (n > level + 1) problems.push(`${name(h)} skips a level`); level = n; }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  for (const id of ids.filter((id, i) => ids.indexOf(id) !== i)) problems.push(`id ${id} is there twice`);
  for (const a of document.querySelectorAll('a[href^="#"]')) if (!document.getElementById(a.getAttribute('href').slice(1))) problems.push(`${name(a)} leads nowhere`);
  for (const i of document.querySelectorAll('input')) if (!i.closest('label') || !i.closest('label').textContent.trim()) problems.push('a box to tick has no words');
  for (const t of document.querySelectorAll('table')) if (!t.caption || !t.tHead) problems.push('a table has no caption or head');
  if (!page.lang) problems.push('the page has no language');
  if (document.scripts.length) problems.push('the page has a script');
  if (performance.getEntriesByType('resource').length) problems.push('the page asked for something');

  // Contrast of each text against what is behind it (WCAG 2: 4.5, large text 3).
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return { r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1 }; };
  const light = c => { const f = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b); };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a > 0.99) return c; } return { r: 255, g: 255, b: 255, a: 1 }; };
  const seen = new Set();
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg') || !visible(e) || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e), a = light(parse(style.color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), size = parseFloat(style.fontSize);
    if (ratio < (size >= 24 || (size >= 18.6 && +style.fontWeight >= 700) ? 3 : 4.5)) { const p = `${e.tagName.toLowerCase()}.${e.className} has contrast ${ratio.toFixed(2)}`; if (!seen.has(p)) { seen.add(p); problems.push(p); } }
  }
  return problems;
})()
