// The operator's page: who is signed in, what the address asks for, and one view at a time.

import { button, byId, h, say } from './dom.js'
import { Trouble, session as whoami, signOut } from './admin-api.js'
import { audit } from './admin-audit.js'
import { events } from './admin-events.js'
import { overview } from './admin-overview.js'
import { bdi, link, notice } from './admin-parts.js'
import { unallocated } from './admin-receipts.js'
import { sign } from './admin-sign.js'
import { remember, story } from './admin-story.js'
import { trouble } from './admin-trouble.js'
import { t } from './admin-words.js'

/** @type {Array<[path: string, word: Admin.Word]>} */
const PLACES = [
  ['', 'overview'],
  ['events', 'events'],
  ['unallocated', 'unallocated'],
  ['audit', 'audit'],
]
/** @type {Admin.Session | null} */
let session = null
/** Of two views that load, the one asked for last is shown. */
let turn = 0
let first = true

/** @returns {Admin.Route} */
function route() {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  return { path: path.split('/').map(unescaped), query: new URLSearchParams(query) }
}

/** @param {string} text */
function unescaped(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** @param {Admin.Route} route @returns {Admin.Show} */
const viewOf = ({ path: [place, id] }) =>
  place === 'events'
    ? id
      ? story
      : events
    : place === 'unallocated'
      ? unallocated
      : place === 'audit'
        ? audit
        : overview

function bar() {
  const here = route().path[0] ?? ''
  const links = PLACES.map(([path, word]) => {
    const to = link(`/${path}`, t(word))
    if (path === here) to.setAttribute('aria-current', 'page')
    return h('li', {}, to)
  })
  const who =
    session && h('span', { class: 'who' }, h('span', { class: 'unseen' }, t('signedInAs'), ' '), bdi(session.who))
  byId('bar').replaceChildren(
    h('strong', { class: 'brand' }, 'Quittance'),
    ...(session
      ? [h('nav', { 'aria-label': t('views') }, h('ul', {}, ...links)), h('div', { class: 'me' }, who, leave())]
      : []),
  )
}

/** An Access session ends at Cloudflare's own address, a session of ours here. */
const leave = () =>
  session?.via === 'access'
    ? h('a', { class: 'second', href: '/cdn-cgi/access/logout' }, t('signOut'))
    : button('second', [t('signOut'), out])

async function out() {
  try {
    await signOut()
  } catch (error) {
    if (!(error instanceof Trouble) || !error.ended) return show(trouble(error, out))
  }
  session = null
  location.hash = ''
  enter(false)
}

/** Puts a view on the page; from the second on the focus goes to its heading, or to what is said above it. @param {Admin.View} view @param {string} [said] */
function show({ title, node }, said) {
  bar()
  const page = byId('page')
  document.title = `${title} · Quittance`
  const line = said && notice('good', said)
  page.replaceChildren(...(line ? [line] : []), node)
  page.setAttribute('aria-busy', 'false')
  if (line) line.tabIndex = -1
  const focus = line || node.querySelector('h1')
  if (first && !line) say(title)
  else focus?.focus()
  if (!line) scrollTo(0, 0)
  first = false
}

/** @param {unknown} error */
function failed(error) {
  if (!(error instanceof Trouble)) reportError(error)
  if (error instanceof Trouble && error.ended && session) {
    session = null
    return enter(true)
  }
  show(trouble(error, () => (session ? load() : start())))
}

/** @param {string} [said] */
async function load(said) {
  if (!session) return
  const mine = ++turn
  document.querySelector('dialog')?.close()
  byId('page').setAttribute('aria-busy', 'true')
  const asked = route()
  remember(location.hash)
  bar()
  try {
    const view = await viewOf(asked)(asked, { session, again: load, trouble: failed })
    if (mine === turn) show(view, said)
  } catch (error) {
    if (mine === turn) failed(error)
  }
}

/** @param {boolean} ended */
function enter(ended) {
  turn++
  const form = sign(ended, (now) => {
    session = now
    load()
  })
  show(form)
}

async function start() {
  try {
    session = await whoami()
    await load()
  } catch (error) {
    if (error instanceof Trouble && error.ended) enter(false)
    else failed(error)
  }
}

document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault()
  byId('page').focus()
})
addEventListener('hashchange', () => load())
start()
