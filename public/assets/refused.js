// When no payment can be begun: why, and what to do next.

import { close } from './frame.js'
import { countdown, doneIfFramed, panel } from './outcome.js'
import { head, show } from './stage.js'
import { t } from './words.js'
/** @import { Refusal } from './api.js' */
/** @import { Shape } from './dom.js' */
/** @import { Press } from './outcome.js' */
/** @import { Word } from './words.js' */

/** @type {Record<string, [state: string, Shape, title: Word, text: Word]>} */
const FINAL = {
  invoice_not_found: ['missing', 'alert', 'missing', 'missingText'],
  database_copy: ['copy', 'alert', 'copy', 'copyText'],
  amount_not_payable: ['not-payable', 'alert', 'notPayable', 'notPayableText'],
  pay_not_configured: ['no-setup', 'alert', 'noSetup', 'noSetupText'],
}

/** @param {Refusal} refusal @param {() => void} again the same request once more @param {string} [why] what went before */
export function refused({ code, status, wait }, again, why) {
  const final = FINAL[code] ?? (status === 404 ? FINAL.invoice_not_found : undefined)
  if (final) {
    head(null, false)
    const [state, shape, title, text] = final
    return show(state, panel(state, shape, t(title), t(text), doneIfFramed(close)))
  }
  /** @type {Press} */
  const tryAgain = { word: 'tryAgain', press: again, main: true }
  if (status === 429) return rest(code === 'payment_paused', wait || 30, again, why)
  if (status === 0 || status >= 500) {
    return show('no-server', panel('no-server', 'alert', t('noServer'), t('noServerText'), [tryAgain, ...doneIfFramed(close)]))
  }
  show('odd', panel('odd', 'alert', t('odd'), t('oddText'), [{ word: 'reload', press: () => location.reload(), main: true }]))
}

/** @param {boolean} declined @param {number} seconds @param {() => void} again @param {string} [why] */
export function rest(declined, seconds, again, why) {
  /** @type {[Word, Word]} */
  const [title, text] = declined ? ['paused', 'pausedText'] : ['busy', 'busyText']
  const state = declined ? 'paused' : 'rate-limited'
  const timer = countdown(seconds, () => {
    timer.textContent = t('pausedOver')
    timer.setAttribute('role', 'status')
    node.querySelector('.presses')?.classList.remove('later')
  })
  /** @type {Press[]} */
  const presses = [{ word: 'tryAgain', press: again, main: true }, ...doneIfFramed(close)]
  const node = panel(state, 'pause', t(title), `${why ? `${why} ` : ''}${t(text)}`, presses, timer)
  node.querySelector('.presses')?.classList.add('later')
  show(state, node)
}
