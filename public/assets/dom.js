// Building elements without markup text, so that nothing of the server's can become markup.

/** @typedef {Node | string | null | undefined | false | 0} Child */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | ((event: Event) => unknown)>} [attributes] functions are listeners
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value !== false) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(.../** @type {Array<Node | string>} */ (children.filter(Boolean)))
  return element
}

const SHAPES = {
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 7v5l3.5 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  alert: 'M12 7.5v6M12 16.5v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  pause: 'M9.5 7v10M14.5 7v10',
  back: 'M10 6l-6 6 6 6M4 12h16',
  lock: 'M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z',
  tab: 'M14 5h5v5M19 5l-8 8M18 14v5H5V6h5',
}

/** @typedef {keyof typeof SHAPES} Shape */

/** A drawing that says nothing the text beside it does not. @param {Shape} shape */
export function icon(shape) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  svg.setAttribute('class', `icon ${shape}`)
  const path = document.createElementNS(svg.namespaceURI, 'path')
  path.setAttribute('d', SHAPES[shape])
  svg.append(path)
  return svg
}

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id))

/** Has a screen reader say a sentence without moving the focus. @param {string} sentence */
export function say(sentence) {
  byId('status').textContent = sentence
}

/** @param {string} className @param {string} label @param {() => unknown} press */
export const button = (className, label, press) => h('button', { type: 'button', class: className, click: press }, label)

/** Rows of a label and a value; a row without a value is left out. @param {Array<[string, Child]>} rows */
export const rows = (rows) =>
  h('dl', {}, ...rows.filter(([, value]) => value).map(([label, value]) => h('div', {}, h('dt', {}, label), h('dd', {}, value))))
