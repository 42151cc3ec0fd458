// What changes something: asked once more, with a reason, before it is done.

import { button, h } from './dom.js'
import { Trouble, send } from './admin-api.js'
import { minor, money } from './admin-format.js'
import { told } from './admin-trouble.js'
import { known, t } from './admin-words.js'

/** Reasons that were typed and not sent: a session that ended in between does not lose them. @type {Map<string, string>} */
const drafts = new Map()

/** @param {string} name @returns {(event: Admin.WholeEvent) => Admin.Question} */
const about = (name) => (event) => ({
  title: t(/** @type {Admin.Word} */ (`${name}Title`)),
  text: t(/** @type {Admin.Word} */ (`${name}Text`), { id: event.id }),
  press: known(name),
  needed: name !== 'replay',
  level: name === 'ignore' ? 'bad' : undefined,
  async act(reason) {
    /** @type {Admin.ActionResult} */
    const { id, state } = await send(`events/${encodeURIComponent(event.id)}/${name}`, { reason })
    return t('actDone', { id, state: known(state) })
  },
})

/** By the name of the action, in the order in which they are shown. */
export const questions = { replay: about('replay'), park: about('park'), ignore: about('ignore') }

/** @param {Admin.WholePosting} posting @returns {Admin.Question} */
export const assign = (posting) => ({
  title: t('assignTitle'),
  text: t('assignText', { amount: minor(posting), name: posting.name ?? posting.key }),
  press: t('assign'),
  invoice: true,
  needed: true,
  async act(reason, invoice) {
    /** @type {Admin.AssignResult} */
    const { outcome, allocated, free } = await send('postings/assign', { key: posting.key, invoice, reason })
    const currency = posting.currency.toUpperCase()
    return outcome === 'already'
      ? t('assignedAlready')
      : t('assigned', { amount: money(allocated, currency), free: money(free, currency), invoice })
  },
})

/** @param {Admin.WholePosting} posting @returns {Admin.Question} */
export const dismiss = (posting) => ({
  title: t('dismissTitle'),
  text: t('dismissText', { amount: minor(posting), name: posting.name ?? posting.key }),
  press: t('dismiss'),
  needed: true,
  async act(reason) {
    await send('postings/dismiss', { key: posting.key, reason })
    return t('dismissed')
  },
})

/** @param {string} id @param {string} label @param {HTMLInputElement | HTMLTextAreaElement} input */
const field = (id, label, input) => h('div', { class: 'field' }, h('label', { for: id }, label), input)

/** Asks the question in a dialog; Escape and Cancel leave everything as it is. @param {Admin.Question} question @param {Admin.Context} context */
export function ask({ title, text, press, level, invoice: wanted, needed = false, act }, context) {
  const draft = `${location.hash} ${title} ${text}`
  const invoice = h('input', {
    id: 'invoice',
    required: true,
    maxlength: '64',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'INV/2026/00007',
  })
  const reason = h('textarea', { id: 'reason', rows: '3', maxlength: '500', required: needed })
  reason.addEventListener('input', () => drafts.set(draft, reason.value))
  reason.value = drafts.get(draft) ?? ''
  const fault = h('div', { role: 'alert' })
  const go = h('button', { class: level === 'bad' ? 'first danger' : 'first' }, press)
  let busy = false
  const form = h(
    'form',
    { class: 'stack', submit },
    h('h2', { id: 'asked' }, title),
    h('p', { id: 'asked-text' }, text),
    wanted && field('invoice', t('invoice'), invoice),
    field('reason', t(needed ? 'reason' : 'reasonMay'), reason),
    fault,
    h('div', { class: 'presses' }, go, button('second', [t('cancel'), close])),
  )
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'asked', 'aria-describedby': 'asked-text', cancel: (event) => busy && event.preventDefault() },
    form,
  )
  dialog.addEventListener('close', () => dialog.remove())
  /** @returns {void} */
  function close() {
    if (!busy) dialog.close()
  }

  /** @param {boolean} yes */
  function work(yes) {
    busy = yes
    go.setAttribute('aria-disabled', `${yes}`)
    go.textContent = yes ? t('working') : press
  }
  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault()
    if (busy) return
    work(true)
    fault.replaceChildren()
    try {
      const said = await act(reason.value.trim(), invoice.value.trim())
      drafts.delete(draft)
      work(false)
      close()
      await context.again(said)
    } catch (error) {
      work(false)
      if (error instanceof Trouble && error.ended) {
        close()
        return context.trouble(error)
      }
      fault.replaceChildren(told(error, true))
    }
  }
  document.body.append(dialog)
  dialog.showModal()
}
