// Elements without markup text, so that nothing of the server's can become markup; and the two halves of the page.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string | boolean | ((event: any) => unknown)>} [attributes] functions are listeners
 * @param {...Pay.Child} children @returns {HTMLElementTagNameMap[T]}
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
}

/** @param {Pay.Shape} shape */
export function icon(shape) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  svg.setAttribute('class', 'icon')
  const path = document.createElementNS(svg.namespaceURI, 'path')
  path.setAttribute('d', SHAPES[shape])
  svg.append(path)
  return /** @type {SVGElement} */ (svg)
}

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id))

/** Has a screen reader say something without moving the focus. @param {string} sentence */
export const say = (sentence) => (byId('status').textContent = sentence)

/** @param {string} style @param {Pay.Button} press */
export const button = (style, [label, press]) => h('button', { type: 'button', class: style, click: press }, label)

/** Rows without a value are left out. @param {Pay.Row[]} rows */
export const rows = (rows) =>
  h('dl', {}, ...rows.map(([label, value]) => value && h('div', {}, h('dt', {}, label), h('dd', {}, value))))

export const bones = () => [1, 2, 3].map(() => h('div', { class: 'bone field' }))

/** The state on the stage; `open` is the form, `loading` what lies between. */
export const showing = () => byId('page').dataset.state

/** @param {string} state */
export function mark(state) {
  byId('page').dataset.state = state
  byId('page').setAttribute('aria-busy', `${state === 'loading'}`)
}

let first = true

/** Puts a state on the stage. From the second one on the focus goes to its heading. @type {Pay.Show} */
export function show(state, node) {
  mark(state)
  byId('stage').replaceChildren(node)
  const heading = node.querySelector('h2')
  if (first) say(heading?.textContent ?? '')
  else heading?.focus()
  first = false
}

/** @type {Pay.Loading} */
export function loading(sentence, seen) {
  const held = byId('stage').contains(document.activeElement)
  mark('loading')
  byId('stage').replaceChildren(...bones(), ...(seen ? [h('p', { class: 'hint' }, sentence)] : []))
  say(sentence)
  if (held) byId('stage').focus()
}
