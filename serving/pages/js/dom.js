// Elements in one expression. Text is always text: nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element; `on` maps events to handlers, a property that is null or false is left out. */
export function h(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/** The same for SVG. */
export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

/** Text for those who hear the page. */
export function unseen(text) {
  return h("span", { class: "unseen" }, text);
}

function filled(element, { on = {}, ...attributes }, children) {
  for (const [event, handler] of Object.entries(on)) element.addEventListener(event, handler);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
