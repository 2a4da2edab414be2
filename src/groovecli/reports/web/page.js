"use strict";
// What all pages share: a bar in which songs play, shades where something scrolls, details open in print.
const groove = (() => {
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  document.documentElement.classList.remove("plain");

  const data = (id) => JSON.parse(document.getElementById(id).textContent);

  // Shades: on each side where there is more. What does not scroll is no stop for the keyboard.
  const shade = (box) => {
    const more = box.scrollWidth - box.clientWidth;
    box.parentNode.classList.toggle("more-left", box.scrollLeft > 1);
    box.parentNode.classList.toggle("more-right", more - Math.abs(box.scrollLeft) > 1);
    box.toggleAttribute("tabindex", false);
    if (more > 0 || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  };
  const shadeAll = () => all(".scroll").forEach(shade);
  addEventListener("resize", shadeAll);
  document.addEventListener("scroll", (event) => {
    if (event.target.classList?.contains("scroll")) shade(event.target);
  }, true);
  document.addEventListener("toggle", shadeAll, true);

  // The player
  const bar = document.querySelector(".player");
  const audio = bar.querySelector("audio");
  const now = bar.querySelector(".now");
  let playing = null;
  const press = () => all(".play").forEach((button) => {
    const is = button.dataset.src === playing && !audio.paused;
    button.setAttribute("aria-pressed", is);
  });
  const say = (text, gone) => {
    now.textContent = text;
    bar.classList.toggle("gone", gone);
  };
  const play = (address, name) => {
    bar.hidden = false;
    if (playing === address && !audio.paused) return audio.pause();
    if (playing !== address) audio.src = address;
    playing = address;
    say(name, false);
    audio.dataset.name = name;
    return audio.play().catch(() => {});
  };
  audio.addEventListener("error", () => {
    if (!playing) return;
    say(`${audio.dataset.name}: no file there that this browser can play. ` +
      "Was this page moved without its music?", true);
    press();
  });
  for (const kind of ["play", "pause", "ended"]) audio.addEventListener(kind, press);
  bar.querySelector(".close").addEventListener("click", () => {
    audio.pause();
    bar.hidden = true;
    all(".play").find((button) => button.dataset.src === playing)?.focus();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".play");
    if (button) play(button.dataset.src, button.getAttribute("aria-label").replace(/^play /, ""));
  });

  const song = ({ n: name, p: address }) => {
    const whole = document.createElement("span");
    whole.className = "song";
    const text = document.createElement("bdi");
    text.textContent = name;
    if (address === null) {
      const gone = document.createElement("span");
      gone.className = "soft";
      gone.textContent = "(no file there)";
      whole.append(text, gone);
      return whole;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "play";
    button.dataset.src = address;
    button.setAttribute("aria-label", `play ${name}`);
    button.setAttribute("aria-pressed", address === playing && !audio.paused);
    const link = document.createElement("a");
    link.href = address;
    link.append(text);
    whole.append(button, link);
    return whole;
  };

  addEventListener("beforeprint", () => all("details").forEach((each) => { each.open = true; }));
  addEventListener("load", shadeAll);
  shadeAll();
  press();
  return { all, data, shade, play, song };
})();
