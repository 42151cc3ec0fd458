// A list that goes on, page after page.

import { button, h, say } from './dom.js'
import { Trouble } from './admin-api.js'
import { told } from './admin-trouble.js'
import { t } from './admin-words.js'

/**
 * `more` gives the next rows and where to go on from, `null` at the end.
 * @param {HTMLElement} list @param {string | null} next
 * @param {(next: string) => Promise<{ nodes: HTMLElement[], next: string | null }>} more @param {Admin.Context} context
 */
export function further(list, next, more, context) {
  const fault = h('div', { role: 'alert' })
  const press = button('second', [t('more'), go])
  const line = h('div', { class: 'further', hidden: !next }, fault, press)
  let busy = false
  async function go() {
    if (!next || busy) return
    busy = true
    fault.replaceChildren()
    try {
      const page = await more(next)
      list.append(...page.nodes)
      next = page.next
      // The button that had the focus may be gone: the first new row has it then.
      page.nodes[0]?.querySelector('a')?.focus()
      line.hidden = !next
      say(page.nodes.length ? t('loaded', { n: page.nodes.length }) : t(next ? 'noneYet' : 'noneFurther'))
    } catch (error) {
      if (error instanceof Trouble && error.ended) return context.trouble(error)
      fault.replaceChildren(told(error))
    } finally {
      busy = false
    }
  }
  return line
}
