// One labelled input: formatted while it is typed, its problem shown in its place.

/**
 * @typedef {object} FieldPlan
 * @property {string} label
 * @property {string} [autocomplete]
 * @property {string} [placeholder]
 * @property {boolean} [text] Letters are typed, too.
 * @property {boolean} [wide]
 * @property {boolean} [optional]
 * @property {(typed: string) => string} [format]
 * @property {(typed: string) => Problem | undefined} [check]
 */

class Field {
  /** @param {FieldPlan} plan @param {() => void} changed */
  constructor(plan, changed) {
    this.plan = plan
    const [id, error] = [uniqueId('field'), uniqueId('error')]
    this.input = el('input', {
      id,
      type: 'text',
      inputmode: plan.text ? 'text' : 'numeric',
      autocomplete: plan.autocomplete ?? 'off',
      placeholder: plan.placeholder,
      'aria-describedby': error,
      'aria-required': plan.optional ? undefined : 'true',
      spellcheck: 'false',
    })
    this.note = el('span', { class: 'brand', 'aria-hidden': 'true' })
    this.error = el('p', { class: 'error', id: error, 'aria-live': 'polite' })
    this.root = el(
      'div',
      { class: plan.wide ? 'field wide' : 'field' },
      el('label', { for: id }, plan.label),
      el('div', { class: 'box' }, this.input, this.note),
      this.error,
    )
    this.input.addEventListener('input', (event) => {
      this.#tidy(event)
      const problem = this.problem()
      if (!problem) this.show(undefined)
      else if (!problem.code.startsWith('incomplete')) this.show(problem)
      changed()
    })
    this.input.addEventListener('blur', () => this.empty || this.show(this.problem()))
  }

  get value() {
    return this.input.value.trim()
  }

  set value(text) {
    this.input.value = text
  }

  get empty() {
    return this.value === ''
  }

  clear() {
    this.input.value = ''
    this.note.textContent = ''
    this.show(undefined)
  }

  /** @returns {Problem | undefined} */
  problem() {
    if (this.empty && this.plan.optional) return undefined
    return this.plan.check?.(this.value)
  }

  /** @param {{message?: string} | undefined} problem */
  show(problem) {
    this.error.textContent = problem?.message ?? ''
    if (problem) this.input.setAttribute('aria-invalid', 'true')
    else this.input.removeAttribute('aria-invalid')
  }

  /** Formats what was typed and keeps the caret behind the same digit. @param {Event} event */
  #tidy(event) {
    const { format } = this.plan
    const deleting = event instanceof InputEvent && event.inputType.startsWith('delete')
    if (!format) return
    const caret = this.input.selectionStart ?? this.input.value.length
    const atEnd = caret === this.input.value.length
    const before = digitsOf(this.input.value.slice(0, caret)).length
    const tidy = format(this.input.value)
    if (tidy === this.input.value) return
    this.input.value = tidy
    if (atEnd && !deleting) return
    let at = 0
    for (let seen = 0; at < tidy.length && seen < before; at += 1) if (/\d/.test(tidy[at] ?? '')) seen += 1
    this.input.setSelectionRange(at, at)
  }
}
