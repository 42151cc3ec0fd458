// Signing in and out.

import { h } from './dom.js'
import { Trouble, signIn } from './admin-api.js'
import { notice } from './admin-parts.js'
import { told } from './admin-trouble.js'
import { t } from './admin-words.js'

/** What the Worker said when it gave the page: `token`, `access`, or both. */
export const ways = () => (document.documentElement.dataset.ways ?? '').split(' ')

/** @param {boolean} ended there was a session @param {(session: Admin.Session) => void} done */
export function sign(ended, done) {
  const name = h('input', {
    id: 'name',
    autocomplete: 'username',
    maxlength: '40',
    spellcheck: 'false',
    autocapitalize: 'off',
    pattern: '[A-Za-z0-9.@_ \\-]*',
    'aria-describedby': 'name-hint',
  })
  const token = h('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    'aria-describedby': 'fault',
  })
  const fault = h('div', { id: 'fault', role: 'alert' })
  const go = h('button', { class: 'first' }, t('signIn'))
  let busy = false
  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault()
    if (busy) return
    busy = true
    go.setAttribute('aria-disabled', 'true')
    fault.replaceChildren()
    try {
      done(await signIn(token.value, name.value.trim()))
    } catch (error) {
      const wrong = error instanceof Trouble && error.ended
      fault.replaceChildren(wrong ? notice('bad', t('wrongToken'), h('p', {}, t('wrongTokenTodo'))) : told(error))
      token.setAttribute('aria-invalid', `${wrong}`)
      token.focus()
    } finally {
      busy = false
      go.setAttribute('aria-disabled', 'false')
    }
  }
  const byToken =
    ways().includes('token') &&
    h(
      'form',
      { class: 'stack', submit },
      h('div', { class: 'field' }, h('label', { for: 'token' }, t('token')), token),
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'name' }, t('name')),
        name,
        h('p', { id: 'name-hint', class: 'hint' }, t('nameHint')),
      ),
      fault,
      go,
    )
  const byAccess =
    ways().includes('access') &&
    h(
      'div',
      { class: 'stack' },
      h('p', {}, t(byToken ? 'accessToo' : 'accessOnly')),
      h('button', { type: 'button', class: byToken ? 'second' : 'first', click: () => location.reload() }, t('reload')),
    )
  const node = h(
    'div',
    { class: 'sign stack' },
    h('h1', { tabindex: '-1' }, t('signInTitle')),
    ended && notice('warn', t('ended'), h('p', {}, t('endedTodo'))),
    byToken,
    byAccess,
  )
  return { title: t('signInTitle'), node }
}
