// Elements are made by hand: the pages' policy allows no markup with styles in it.

let made = 0

/** An id that no other element of the page has. @param {string} name */
function uniqueId(name) {
  made += 1
  return `sim-${name}-${made}`
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {{[attribute: string]: string | boolean | undefined}} [attributes] True writes an empty attribute.
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children)
  return element
}
