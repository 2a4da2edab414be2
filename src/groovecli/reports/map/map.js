"use strict";
// The map: dots drawn into pixels by hand, a list beside it that the keyboard walks, songs that play.
(() => {
  const given = groove.data("map-data");
  const $ = (what) => document.querySelector(what);
  const n = given.n, all = [...Array(n).keys()];

  // What Python packed: whole numbers of 1 to 3 bytes, the lowest first.
  const unpacked = ({ w, d }) => {
    const bytes = atob(d), m = bytes.length / w, found = new Uint32Array(m);
    for (let i = 0, at = 0; i < m; i++) {
      for (let b = 0; b < w; b++) found[i] |= bytes.charCodeAt(at++) << (8 * b);
    }
    return found;
  };
  const xy = unpacked(given.xy), near = unpacked(given.near), folder = unpacked(given.folder);
  const seconds = unpacked(given.seconds);
  const columns = given.columns.map((each) => ({ ...each, of: unpacked(each.of) }));
  const artists = columns.find((each) => each.key === "artist");
  const areas = given.areas.map((each) => ({ ...each, rings: each.rings.map(unpacked) }));
  const N_NEAR = n ? near.length / n : 0;

  // Names: a file whose name is no UTF-8, or has letters that no page may hold, comes as [escaped],
  // all others as text.
  const encoder = new TextEncoder();
  const escaped = (part) => Array.isArray(part) ? part[0] : [...encoder.encode(part)].map((byte) =>
    /[A-Za-z0-9_.~/-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte)
      : "%" + byte.toString(16).padStart(2, "0").toUpperCase()).join("");
  const address = (i) => escaped(given.folders[folder[i]]) + escaped(given.files[i]);
  const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;
  const readable = (part) => {
    try { return decodeURIComponent(part).replace(UNSEEN, "\ufffd"); } catch {  // no UTF-8
      return decodeURIComponent(part.replace(/%[89A-F]./g, "%EF%BF%BD")).replace(UNSEEN, "\ufffd");
    }
  };
  const file = (i) => Array.isArray(given.files[i]) ? readable(given.files[i][0]) : given.files[i];
  const title = (i) => {  // a number is that of the letters at the end of the file's name
    const text = given.titles[i];
    return typeof text === "string" ? text : file(i).replace(/\.[^.]*$/, "").slice(-text);
  };
  const label = (column, i) => column.of[i] ? column.labels[column.of[i] - 1] : "";
  const artist = (i) => given.artists[i] || (artists ? label(artists, i) : "");
  const name = (i) => artist(i) ? `${artist(i)} - ${title(i)}` : title(i);

  // State
  let column = columns.find((each) => each.key === given.first) || columns[0];
  let shown = all, isShown = new Uint8Array(n).fill(1);  // what search and legend leave
  const picked = new Uint8Array(n);
  let nPicked = 0, current = -1, under = -1, active = -1, anchor = 0, lit = null, lasso = null;
  let isDrawing = false;

  // Colours and shapes: the seven largest kinds have one each, the others grey and a dot.
  const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "plus", "star", "hexagon"];
  const MOST = 8, OTHERS = -1, NONE = -2;
  let kinds = [], kindOf = new Int8Array(n), byKind = new Uint32Array(n), shownOf = new Map();
  const regroup = () => {
    const counts = new Uint32Array(column.labels.length + 1);
    for (let i = 0; i < n; i++) counts[column.of[i]]++;
    let best = column.labels.map((_, at) => at).filter((at) => counts[at + 1]);
    if (best.length > MOST && !column.ordered) {
      best = best.sort((a, b) => counts[b + 1] - counts[a + 1] || a - b).slice(0, MOST - 1);
    }
    best.sort((a, b) => a - b);
    const place = new Map(best.map((at, k) => [at + 1, k]));
    kinds = best.map((at, k) => ({ k, name: column.labels[at], count: counts[at + 1] }));
    let others = 0;
    for (let i = 0; i < n; i++) {
      const k = column.of[i] ? place.get(column.of[i]) : undefined;
      kindOf[i] = k !== undefined ? k : column.of[i] ? OTHERS : NONE;
      if (kindOf[i] === OTHERS) others++;
    }
    if (others) kinds.push({ k: OTHERS, name: "others", count: others });
    if (counts[0]) kinds.push({ k: NONE, name: "not known", count: counts[0] });
  };
  const arrange = () => {  // the songs of each kind together, those that are not shown at the end
    const start = new Map();
    let at = 0;
    shownOf = new Map();
    for (const { k } of kinds) {
      start.set(k, at);
      for (const i of shown) if (kindOf[i] === k) byKind[at++] = i;
      shownOf.set(k, [start.get(k), at]);
    }
    shownOf.set("hidden", [at, n]);
    if (at < n) for (let i = 0; i < n; i++) if (!isShown[i]) byKind[at++] = i;
  };
  const colourOf = (k) => k < 0 ? "--other" : column.ordered ? `--s${k}` : `--g${k}`;
  const shapeOf = (k) => k < 0 ? "circle" : SHAPES[k];
  const rgbOf = (text) => {
    const value = parseInt(text.trim().slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  };

  // The view: where the map's 65,536 units lie in the window
  const stage = $("#stage"), dots = $("#dots"), over = $("#over"), tip = $("#tip");
  const ink = dots.getContext("2d", { alpha: false }), pen = over.getContext("2d");
  const SIDE = 65535, view = { k: 1, x: 0, y: 0 };
  let width = 0, height = 0, ratio = 1, pixels = null, words = null, dirty = false;
  const ends = [0, 1].map((axis) => {  // of songs and areas, from west to east and from north to south
    let low = n ? SIDE : 0, high = n ? 0 : SIDE;
    for (const points of [xy, ...areas.flatMap(({ rings }) => rings)]) {
      for (let i = axis; i < points.length; i += 2) {
        low = Math.min(low, points[i]); high = Math.max(high, points[i]);
      }
    }
    return { middle: (low + high) / 2, span: Math.max(1, high - low) };
  });
  const base = () => Math.min(width / ends[0].span, height / ends[1].span, 0.04) * 0.9;
  const centre = (k, x, y) => Object.assign(view, { k, x: width / 2 - x * k, y: height / 2 - y * k });
  const isAt = (other) => ["k", "x", "y"].every((each) => other[each] === view[each]);
  const whole = {}, kept = { view: {} };  // the views that `fit` and `keep` left, to know if they were moved
  const fit = () => {
    centre(base(), ends[0].middle, ends[1].middle);
    Object.assign(whole, view);
  };
  const keep = (was) => {  // what was shown, whole, in a window of another size
    if (!isAt(kept.view)) {
      Object.assign(kept, { x: (was.w / 2 - view.x) / view.k, y: (was.h / 2 - view.y) / view.k,
        w: was.w / view.k, h: was.h / view.k });
    }
    centre(Math.min(width / kept.w, height / kept.h), kept.x, kept.y);
    Object.assign(kept.view, view);
  };
  const X = (i) => xy[2 * i] * view.k + view.x, Y = (i) => xy[2 * i + 1] * view.k + view.y;
  const later = () => {
    if (!dirty) { dirty = true; requestAnimationFrame(draw); }
  };
  const resize = () => {
    const was = { w: width, h: height }, box = stage.getBoundingClientRect();
    ratio = Math.min(2, devicePixelRatio || 1);
    width = box.width; height = box.height;
    for (const each of [dots, over]) {
      each.width = Math.round(width * ratio); each.height = Math.round(height * ratio);
    }
    if (!dots.width || !dots.height) return;
    pixels = ink.createImageData(dots.width, dots.height);
    words = new Uint32Array(pixels.data.buffer);
    if (!was.w || isAt(whole)) fit(); else keep(was);
    draw();  // now: a canvas of another size is empty
  };
  const zoom = (by, x = width / 2, y = height / 2) => {
    const k = Math.max(base() / 2, Math.min(base() * 400, view.k * by));
    view.x = x - (x - view.x) * k / view.k; view.y = y - (y - view.y) * k / view.k; view.k = k;
    later();
  };

  // Stamps: the pixels of each shape with how much they cover, drawn once by the browser
  const stamps = new Map();
  const stamp = (shape, size) => {
    const key = `${shape} ${size}`;
    if (stamps.has(key)) return stamps.get(key);
    const side = Math.ceil(size * 1.3) + 2, c = Object.assign(document.createElement("canvas"),
      { width: side, height: side }).getContext("2d", { willReadFrequently: true });
    c.translate(side / 2, side / 2); c.scale(size / 10, size / 10);
    if (size < 4) c.fillRect(-5, -5, 10, 10);
    else c.fill(new Path2D(document.getElementById(`shape-${shape}`).getAttribute("d")));
    const seen = c.getImageData(0, 0, side, side).data, dx = [], dy = [], cover = [];
    for (let at = 0; at < side * side; at++) {
      if (seen[4 * at + 3] > 12) {
        dx.push(at % side - (side >> 1)); dy.push((at / side | 0) - (side >> 1));
        cover.push(seen[4 * at + 3]);
      }
    }
    const found = { dx: Int8Array.from(dx), dy: Int8Array.from(dy), cover: Uint8Array.from(cover) };
    stamps.set(key, found);
    return found;
  };
  const sizeNow = () => {
    const crowd = Math.min(1, Math.sqrt(6000 / Math.max(1, n))), near = Math.sqrt(view.k / base());
    return Math.max(2, Math.min(14, 9 * crowd * near)) * ratio;
  };

  let palette = null;
  const repaint = () => { palette = null; stamps.clear(); later(); };
  const colours = () => {
    if (palette) return palette;
    const style = getComputedStyle(document.documentElement), get = (key) => style.getPropertyValue(key);
    palette = { bg: rgbOf(get("--bg")), line: rgbOf(get("--line")), of: new Map(),
      ink: get("--ink"), soft: get("--soft"), accent: get("--accent") };
    for (const k of [NONE, OTHERS, 0, 1, 2, 3, 4, 5, 6, 7]) palette.of.set(k, rgbOf(get(colourOf(k))));
    return palette;
  };
  const paint = (kind, made, rgb, strength) => {
    // All in one loop: a call for each pixel would be too slow.
    const W = dots.width, H = dots.height, [r, g, b] = rgb, m = made.dx.length;
    const { dx, dy, cover } = made, kx = view.k * ratio, ox = view.x * ratio, oy = view.y * ratio;
    const [first, last] = shownOf.get(kind);
    for (let s = first; s < last; s++) {
      const i = byKind[s], x = (xy[2 * i] * kx + ox + 0.5) | 0, y = (xy[2 * i + 1] * kx + oy + 0.5) | 0;
      if (x < -32 || y < -32 || x >= W + 32 || y >= H + 32) continue;
      const isWhole = x >= 32 && y >= 32 && x < W - 32 && y < H - 32;
      for (let p = 0; p < m; p++) {
        const px = x + dx[p], py = y + dy[p];
        if (!isWhole && (px < 0 || py < 0 || px >= W || py >= H)) continue;
        const at = py * W + px, old = words[at], a = cover[p] * strength >> 8;
        const R = old & 255, G = (old >> 8) & 255, B = (old >> 16) & 255;
        words[at] = 0xff000000 | (B + ((b - B) * a >> 8)) << 16 | (G + ((g - G) * a >> 8)) << 8
          | (R + ((r - R) * a >> 8));
      }
    }
  };
  let frames = 0;
  const draw = () => {
    dirty = false; frames++;
    if (!words) return;
    const { bg, line, of } = colours(), size = Math.round(sizeNow());
    words.fill(0xff000000 | bg[2] << 16 | bg[1] << 8 | bg[0]);
    if (shown.length < n) paint("hidden", stamp("circle", Math.max(2, size >> 1)), line, 200);
    for (let at = kinds.length - 1; at >= 0; at--) {  // the largest kinds last
      const { k } = kinds[at];
      paint(k, stamp(shapeOf(k), size), of.get(k), 215);
    }
    ink.putImageData(pixels, 0, 0);
    drawOver(size / ratio);
  };
  const ring = (i, radius) => { pen.beginPath(); pen.arc(X(i), Y(i), radius, 0, 7); pen.stroke(); };
  const drawOver = (size) => {
    const { ink: dark, soft, accent } = colours();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    if ($("#areas").checked) drawAreas(accent, soft);
    if (nPicked) {
      pen.strokeStyle = dark; pen.lineWidth = 1.5;
      if (nPicked <= 3000) for (let i = 0; i < n; i++) { if (picked[i]) ring(i, size / 2 + 2); }
      else { pen.fillStyle = dark;
        for (let i = 0; i < n; i++) if (picked[i]) pen.fillRect(X(i) - 1, Y(i) - 1, 2, 2); }
    }
    if (current >= 0) {
      pen.strokeStyle = accent; pen.lineWidth = 1;
      for (const j of nearOf(current)) {
        pen.beginPath(); pen.moveTo(X(current), Y(current)); pen.lineTo(X(j), Y(j)); pen.stroke();
      }
      pen.lineWidth = 3; ring(current, size / 2 + 4);
    }
    for (const i of [active, under]) {
      if (i >= 0) { pen.strokeStyle = dark; pen.lineWidth = 2; ring(i, size / 2 + 4); }
    }
    if (lasso) {
      pen.strokeStyle = accent; pen.lineWidth = 2; pen.setLineDash([6, 4]); pen.beginPath();
      lasso.forEach(([x, y]) => pen.lineTo(x, y)); pen.closePath(); pen.stroke(); pen.setLineDash([]);
    }
    placeNames();
  };

  // Playlists as areas, their names as text that gives way to a larger one's
  const most = Math.max(0, ...areas.map(({ at }) => at.length));
  const labels = [...Array(most).keys()].flatMap((piece) => areas.flatMap(({ name, at }) => {
    if (piece >= at.length) return [];
    const made = document.createElement("span");
    made.className = "area"; made.dir = "auto"; made.textContent = name; made.title = name;
    $("#names").append(made);
    return [{ made, at: at[piece] }];
  }));
  const drawAreas = (accent, soft) => {
    for (const area of areas) {
      pen.beginPath();
      for (const points of area.rings) {
        for (let p = 0; p < points.length; p += 2) {
          const to = p ? "lineTo" : "moveTo";
          pen[to](points[p] * view.k + view.x, points[p + 1] * view.k + view.y);
        }
        pen.closePath();
      }
      pen.globalAlpha = 0.07; pen.fillStyle = accent; pen.fill("evenodd");
      pen.globalAlpha = 0.6; pen.strokeStyle = soft; pen.lineWidth = 1; pen.stroke();
      pen.globalAlpha = 1;
    }
  };
  let sizes = null;
  const placeNames = () => {
    const on = $("#areas").checked, taken = [];
    sizes = sizes || labels.map(({ made }) => [made.offsetWidth, made.offsetHeight]);
    labels.forEach(({ made: each, at: spot }, at) => {
      const [w, h] = sizes[at], px = spot[0] * view.k + view.x, py = spot[1] * view.k + view.y;
      const x = Math.max(2, Math.min(width - w - 2, px - w / 2));  // within the window, where the spot is
      const y = Math.max(2, Math.min(height - h - 2, py - h / 2));
      const fits = on && px >= 0 && py >= 0 && px <= width && py <= height && w + 4 <= width &&
        !taken.some(([a, b, c, d]) => x < c && x + w > a && y < d && y + h > b);
      each.style.visibility = fits ? "visible" : "hidden";
      if (!fits) return;
      taken.push([x - 4, y - 2, x + w + 4, y + h + 2]);
      each.style.transform = `translate(${Math.round(x)}px,${Math.round(y)}px)`;
    });
  };

  // Which song is at a place: songs by cells of the map
  const CELLS = 256, cell = (v) => v * CELLS / (SIDE + 1) | 0;
  const starts = new Uint32Array(CELLS * CELLS + 1), inCells = new Uint32Array(n);
  for (let i = 0; i < n; i++) starts[cell(xy[2 * i + 1]) * CELLS + cell(xy[2 * i]) + 1]++;
  for (let c = 0; c < CELLS * CELLS; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  for (let i = 0; i < n; i++) inCells[next[cell(xy[2 * i + 1]) * CELLS + cell(xy[2 * i])]++] = i;
  const songAt = (x, y, reach = 12) => {
    const wx = (x - view.x) / view.k, wy = (y - view.y) / view.k, r = reach / view.k;
    const low = (v) => Math.max(0, cell(Math.max(0, v - r)));
    const high = (v) => Math.min(CELLS - 1, cell(Math.max(0, v + r)));
    let best = -1, least = r * r;
    for (let cy = low(wy); cy <= high(wy); cy++) for (let cx = low(wx); cx <= high(wx); cx++) {
      for (let p = starts[cy * CELLS + cx]; p < starts[cy * CELLS + cx + 1]; p++) {
        const i = inCells[p], d = (xy[2 * i] - wx) ** 2 + (xy[2 * i + 1] - wy) ** 2;
        if (isShown[i] && d <= least) { best = i; least = d; }
      }
    }
    return best;
  };
  const hover = (i, x = 0, y = 0) => {
    if (i !== under) {
      under = i; tip.hidden = i < 0; later();
      if (i >= 0) {
        const kind = label(column, i), second = column.key === "artist" ? "" : kind;
        tip.replaceChildren(...[name(i), second].filter(Boolean).map((text) => {
          const line = document.createElement("span");
          line.dir = "auto"; line.textContent = text;
          return line;
        }));
      }
    }
    if (i >= 0) {
      const left = Math.max(4, Math.min(x + 14, width - tip.offsetWidth - 4));
      const top = y + 18 + tip.offsetHeight > height ? y - tip.offsetHeight - 10 : y + 18;
      tip.style.transform = `translate(${left}px,${Math.max(4, top)}px)`;
    }
    stage.classList.toggle("on", i >= 0);
  };

  // Mouse and fingers: drag moves, wheel and two fingers zoom, with Shift a line is drawn around songs
  const fingers = new Map();
  let moved = 0, pinch = 0;
  const spot = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const span = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  over.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    over.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, spot(event));
    moved = 0;
    if (fingers.size === 2) { pinch = span(); lasso = null; }
    else if (event.shiftKey || isDrawing) lasso = [spot(event)];
  });
  over.addEventListener("pointermove", (event) => {
    const [x, y] = spot(event), was = fingers.get(event.pointerId);
    if (!was) return hover(songAt(x, y), x, y);
    fingers.set(event.pointerId, [x, y]);
    moved += Math.abs(x - was[0]) + Math.abs(y - was[1]);
    if (fingers.size === 2) {
      const [a, b] = [...fingers.values()], now = span();
      zoom(now / pinch, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2); pinch = now;
    } else if (lasso) lasso.push([x, y]);
    else if (moved > 3) { view.x += x - was[0]; view.y += y - was[1]; hover(-1); }
    later();
  });
  const up = (event) => {
    const [x, y] = spot(event);
    if (!fingers.delete(event.pointerId)) return;
    if (lasso) { const line = lasso; lasso = null; if (line.length > 2) pickInside(line); later(); }
    else if (moved <= 3 && event.type === "pointerup") {
      const i = songAt(x, y, event.pointerType === "touch" ? 22 : 12);
      if (i >= 0) choose(i);
    }
  };
  over.addEventListener("pointerup", up);
  over.addEventListener("pointercancel", up);
  over.addEventListener("pointerleave", () => hover(-1));
  over.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x, y] = spot(event);
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), x, y);
  }, { passive: false });
  stage.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (by) { view.x += by[0]; view.y += by[1]; later(); }
    else if (event.key === "+" || event.key === "=") zoom(1.4);
    else if (event.key === "-") zoom(1 / 1.4);
    else if (event.key === "0") { fit(); later(); }
    else return;
    event.preventDefault();
  });
  $("#in").addEventListener("click", () => zoom(1.6));
  $("#out").addEventListener("click", () => zoom(1 / 1.6));
  $("#whole").addEventListener("click", () => { fit(); later(); });
  $("#draw").addEventListener("click", () => {
    isDrawing = !isDrawing;
    $("#draw").setAttribute("aria-pressed", isDrawing);
    stage.classList.toggle("drawing", isDrawing);
  });
  $("#areas").addEventListener("change", later);

  // What is selected, and saving it
  const pick = (i, is) => { if (picked[i] !== +is) { picked[i] = +is; nPicked += is ? 1 : -1; } };
  const clear = () => { picked.fill(0); nPicked = 0; };
  const pickInside = (line) => {
    for (const i of shown) {
      const x = X(i), y = Y(i);
      let inside = false;
      for (let a = 0, b = line.length - 1; a < line.length; b = a++) {
        const [ax, ay] = line[a], [bx, by] = line[b];
        if ((ay > y) !== (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) inside = !inside;
      }
      if (inside) pick(i, true);
    }
    told();
  };
  const count = (m, what = "song") => `${m.toLocaleString("en")} ${what}${m === 1 ? "" : "s"}`;
  const told = () => {
    $("#picked").textContent = nPicked ? `${count(nPicked)} selected` : "No song selected";
    for (const id of ["#save", "#clear"]) $(id).disabled = !nPicked;
    rows(); later();
  };
  const bytesOf = (text) => {  // of a path: where it is no UTF-8, as the disk has it
    const found = [];
    for (let p = 0; p < text.length; p++) {
      if (text[p] === "%") { found.push(parseInt(text.slice(p + 1, p + 3), 16)); p += 2; }
      else found.push(text.charCodeAt(p));
    }
    return Uint8Array.from(found);
  };
  const oneLine = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
  const playlist = () => {
    const parts = ["#EXTM3U\n"];
    let left = 0;
    for (const i of all) {
      if (!picked[i]) continue;
      const path = address(i);
      if (/%0[AD]/.test(path)) { left++; continue; }
      const length = seconds[i] ? seconds[i] : -1;
      parts.push(`#EXTINF:${length},${oneLine(name(i))}\n`, /^(%23|%EF%BB%BF|%20)/.test(path) ? "./" : "",
        bytesOf(path), "\n");
    }
    return { parts, left };
  };
  const save = () => {
    const { parts, left } = playlist(), link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(parts, { type: "audio/x-mpegurl" }));
    link.download = "selection.m3u8";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say(`Saved ${count(nPicked - left)} as selection.m3u8: put it into the folder of this page.` +
      (left ? ` ${count(left)} left out: a line break is in the path.` : ""));
  };
  $("#save").addEventListener("click", save);
  $("#clear").addEventListener("click", () => { clear(); told(); list.focus(); });
  $("#pickall").addEventListener("click", () => { shown.forEach((i) => pick(i, true)); told(); });

  // A song is chosen: it plays, and its neighbours are listed
  const nearOf = (i) => {
    const found = [];
    for (let p = i * N_NEAR; p < (i + 1) * N_NEAR; p++) if (near[p] !== i) found.push(near[p]);
    return found;
  };
  const line = (text, kind) => {
    const made = document.createElement("p");
    made.className = kind; made.dir = "auto"; made.textContent = text;
    return made;
  };
  const choose = (i) => {
    current = active = i;
    const at = position(i);
    if (at >= 0) { anchor = at; reveal(at); }
    groove.play(address(i), name(i));
    const facts = columns.filter((each) => each.key !== "artist" && label(each, i))
      .map((each) => `${each.title}: ${label(each, i)}`);
    $("#song").replaceChildren(line(title(i), "big"), ...(artist(i) ? [line(artist(i), "")] : []),
      line(facts.join(" · "), "soft small"));
    const made = nearOf(i).map((j) => {
      const item = document.createElement("li"), button = document.createElement("button");
      button.type = "button"; button.dir = "auto"; button.textContent = name(j);
      button.addEventListener("click", () => { choose(j); bring(j); });
      item.append(mark(kindOf[j]), button);
      return item;
    });
    $("#near").replaceChildren(...made);
    $("#nearest").hidden = !made.length;
    rows(); later();
  };
  const bring = (i) => {  // into the window, where it is not
    const x = X(i), y = Y(i);
    if (x < 20 || y < 20 || x > width - 20 || y > height - 20) {
      view.x += width / 2 - x; view.y += height / 2 - y;
    }
    later();
  };
  const mark = (k) => {
    const NS = "http://www.w3.org/2000/svg", svg = document.createElementNS(NS, "svg");
    const use = document.createElementNS(NS, "use");
    svg.setAttribute("class", "mark"); svg.setAttribute("viewBox", "-7 -7 14 14");
    svg.setAttribute("aria-hidden", "true"); svg.style.fill = `var(${colourOf(k)})`;
    use.setAttribute("href", `#shape-${shapeOf(k)}`);
    svg.append(use);
    return svg;
  };

  // The list: only the rows that can be seen are there
  const list = $("#list"), inner = $("#rows"), ROW = 48;
  const position = (i) => {
    let low = 0, high = shown.length - 1;
    while (low <= high) {
      const mid = (low + high) >> 1;
      if (shown[mid] === i) return mid;
      if (shown[mid] < i) low = mid + 1; else high = mid - 1;
    }
    return -1;
  };
  const rows = () => {
    inner.style.height = `${shown.length * ROW}px`;
    const first = Math.max(0, (list.scrollTop / ROW | 0) - 4);
    const last = Math.min(shown.length, first + Math.ceil(list.clientHeight / ROW) + 8);
    const made = [], where = position(active);
    const some = new Set(where >= 0 ? [where] : []);  // what is read aloud has to be there
    for (let at = first; at < last; at++) some.add(at);
    for (const at of some) {
      const i = shown[at], row = document.createElement("div"), text = document.createElement("span");
      row.id = `song-${i}`; row.className = "row"; row.style.top = `${at * ROW}px`;
      row.setAttribute("role", "option"); row.setAttribute("aria-selected", !!picked[i]);
      row.setAttribute("aria-setsize", shown.length); row.setAttribute("aria-posinset", at + 1);
      row.classList.toggle("active", i === active); row.classList.toggle("current", i === current);
      const [top, below] = [title(i), artist(i)].map((words, k) => {
        const part = document.createElement("bdi");
        part.textContent = words; if (k) part.className = "soft";
        return part;
      });
      text.append(top, " ", below); text.title = name(i); text.className = "text";
      row.append(mark(kindOf[i]), text);
      made.push(row);
    }
    inner.replaceChildren(...made);
    if (where >= 0) list.setAttribute("aria-activedescendant", `song-${active}`);
    else list.removeAttribute("aria-activedescendant");
  };
  const reveal = (at) => {
    const top = at * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  };
  const go = (at, extend) => {
    if (!shown.length) return;
    at = Math.max(0, Math.min(shown.length - 1, at));
    if (extend) {
      const was = Math.max(0, position(active)), [a, b] = [Math.min(anchor, at), Math.max(anchor, at)];
      const [c, d] = [Math.min(anchor, was), Math.max(anchor, was)];
      for (let p = c; p <= d; p++) pick(shown[p], false);
      for (let p = a; p <= b; p++) pick(shown[p], true);
    } else anchor = at;
    active = shown[at];
    reveal(at); bring(active); told();
  };
  list.addEventListener("scroll", () => requestAnimationFrame(rows));
  list.addEventListener("focus", () => { if (position(active) < 0) go(0, false); });
  list.addEventListener("keydown", (event) => {
    const at = position(active), page = Math.max(1, (list.clientHeight / ROW | 0) - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (by) go(at + by, event.shiftKey);
    else if (event.key === "Home") go(0, event.shiftKey);
    else if (event.key === "End") go(shown.length - 1, event.shiftKey);
    else if (event.key === "Enter" && at >= 0) { choose(active); bring(active); }
    else if (event.key === " " && at >= 0) { pick(active, !picked[active]); anchor = at; told(); }
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") {
      shown.forEach((i) => pick(i, true)); told();
    } else if (event.key === "Escape") { clear(); told(); }
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    const i = +row.id.slice(5), at = position(i);
    if (event.shiftKey) go(at, true);
    else if (event.ctrlKey || event.metaKey) { pick(i, !picked[i]); active = i; anchor = at; told(); }
    else { choose(i); bring(i); }
  });
  list.addEventListener("mouseover", (event) => {
    const row = event.target.closest(".row");
    under = row ? +row.id.slice(5) : -1; later();
  });
  list.addEventListener("mouseleave", () => { under = -1; later(); });

  // Search, and the legend, which shows one kind alone
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let texts = null;
  const say = (text) => { $("#said").textContent = text; };
  const search = () => {
    const wanted = folded($("#find").value).split(/\s+/).filter(Boolean);
    if (wanted.length && !texts) {
      const other = columns.filter((each) => !each.ordered && each.key !== "artist")
        .map((each) => ({ of: each.of, labels: each.labels.map(folded) }));
      texts = all.map((i) => folded(`${name(i)} ${file(i)} `) +
        other.map(({ of, labels }) => of[i] ? labels[of[i] - 1] : "").join(" "));
    }
    shown = wanted.length || lit !== null ? all.filter((i) =>
      (lit === null || kindOf[i] === lit) && wanted.every((word) => texts[i].includes(word))) : all;
    isShown.fill(0);
    for (const i of shown) isShown[i] = 1;
    arrange();
    say(shown.length === n ? count(n) : `${shown.length.toLocaleString("en")} of ${count(n)}`);
    $("#pickall").disabled = !shown.length;
    anchor = 0; list.scrollTop = 0;
    rows(); later();
  };
  let waiting = 0;
  $("#find").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  $("#find").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && shown.length) { clearTimeout(waiting); search(); list.focus(); }
  });
  const legend = () => {
    $("#legend").replaceChildren(...kinds.map(({ k, name: words, count: m }) => {
      const item = document.createElement("li"), button = document.createElement("button");
      const text = document.createElement("bdi"), number = document.createElement("span");
      button.type = "button"; button.setAttribute("aria-pressed", lit === k);
      text.textContent = words; number.textContent = m.toLocaleString("en"); number.className = "soft";
      button.append(mark(k), text, " ", number);
      button.addEventListener("click", () => {
        lit = lit === k ? null : k;
        legend(); search();
        $("#legend").children[kinds.findIndex((each) => each.k === k)].firstChild.focus();
      });
      item.append(button);
      return item;
    }));
  };
  const choice = $("#colour");
  columns.forEach((each, at) => choice.add(new Option(each.title, at, false, each === column)));
  choice.addEventListener("change", () => {
    column = columns[choice.value]; lit = null;
    regroup(); repaint(); legend(); search();
  });

  // Begin
  if (!areas.length) $("#areas").parentNode.hidden = true;
  regroup(); legend(); search(); told();
  new ResizeObserver(resize).observe(stage);
  new ResizeObserver(rows).observe(list);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  addEventListener("load", () => { sizes = null; later(); });
  resize();
  groove.map = {
    at: (i) => { const box = stage.getBoundingClientRect(); return [X(i) + box.left, Y(i) + box.top]; },
    frames: () => frames, draw, name, playlist, view, later,
    find: (text) => all.find((i) => name(i).includes(text)),
  };
  document.documentElement.dataset.ready = Math.round(performance.now());
})();
