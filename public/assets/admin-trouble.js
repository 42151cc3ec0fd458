// What went wrong, and what to do about it.

import { button, h, icon } from './dom.js'
import { Trouble } from './admin-api.js'
import { span } from './admin-format.js'
import { bdi, code, notice } from './admin-parts.js'
import { t } from './admin-words.js'

/** Title and what to do. @param {unknown} error @param {boolean} acting something was to be changed @returns {[title: string, todo: string]} */
export function meant(error, acting = false) {
  if (!(error instanceof Trouble)) return [t('broken'), t('brokenTodo')]
  const { status, code, message } = error
  if (status === 0) return [t('noAnswer'), t(acting ? 'noAnswerActing' : 'noAnswerTodo')]
  if (code === 'access_ended') return [t('ended'), t('accessEndedTodo')]
  if (status === 401) return [t('ended'), t('endedTodo')]
  if (status === 429) return [t('tooMany'), t('tooManyTodo')]
  if (code === 'ledger_unavailable') return [t('noLedger'), t('noLedgerTodo')]
  if (code === 'event_busy') return [t('isBusy'), t('isBusyTodo')]
  if (code === 'action_not_possible') return [t('notPossible'), t('notPossibleTodo')]
  if (code === 'csrf_invalid') return [t('csrf'), t('csrfTodo')]
  if (status === 404) return [t('notFound'), t('notFoundTodo')]
  return [message || t('refused'), t(status >= 500 ? 'refusedLater' : 'refusedTodo')]
}

/** In a few lines, for a dialog. @param {unknown} error @param {boolean} [acting] */
export function told(error, acting = false) {
  const [title, todo] = meant(error, acting)
  const { detail = '', wait = 0, code: name = '' } = error instanceof Trouble ? error : {}
  const pause = wait > 0 && h('p', {}, t('waitFor', { span: span(wait) }))
  return notice(
    'bad',
    title,
    detail && h('p', { class: 'said' }, bdi(detail)),
    h('p', {}, todo),
    pause,
    name && h('p', {}, code(name)),
  )
}

/** A whole view of it. `again` is offered, after what the server asks to wait. @param {unknown} error @param {() => unknown} again */
export function trouble(error, again) {
  const [title, todo] = meant(error)
  const { detail = '', code: name = '', status = 0 } = error instanceof Trouble ? error : {}
  let left = error instanceof Trouble ? error.wait : 0
  const press = button('first', [t('tryAgain'), () => left > 0 || again()])
  const timer = h('p', { role: 'timer' })
  const node = h(
    'div',
    { class: 'trouble' },
    icon(status === 429 ? 'clock' : 'alert'),
    h('h1', { tabindex: '-1' }, title),
    h('p', {}, todo),
    detail && h('p', { class: 'said' }, bdi(detail)),
    timer,
    h('div', { class: 'presses' }, press),
    name && h('p', { class: 'hint' }, code(name)),
  )
  function tick() {
    press.setAttribute('aria-disabled', `${left > 0}`)
    timer.textContent = left > 0 ? t('waitFor', { span: span(left) }) : ''
    if (left-- > 0) setTimeout(() => node.isConnected && tick(), 1_000)
  }
  tick()
  return { title, node }
}
