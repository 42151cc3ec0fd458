// Quittance on any page: one script tag makes every `a.quittance-pay` open the pay page in a dialog.
//
//   <script src="https://pay.example.com/embed.js" integrity="sha384-…" crossorigin="anonymous" data-reload></script>
//   <a class="quittance-pay" href="https://pay.example.com/pay/123?access_token=…" target="_blank">Pay</a>
//
// data-home    the pay page's origin, on a page that serves a copy of this script itself, as Odoo does
// data-reload  loads the page again when the payer closes the dialog and the books know of the payment
// data-open    opens the first link at once; so does ?quittance=pay in the page's address
//
// Quittance.open({ url } | { invoice, token }, and title, lang) resolves, when the dialog is closed, to
// { status: 'paid', booked, invoice, payment } or { status: 'canceled' }. On a page whose origin the Worker does not
// name, links stay links, and open() opens a new tab and resolves to canceled.
;(() => {
  'use strict'
  /** @typedef {{ status: 'paid', booked: boolean, invoice: number, payment: string | null } | { status: 'canceled' }} Outcome */
  /** @typedef {{ url?: string, invoice?: number | string, token?: string, title?: string, lang?: string }} Request */
  /**
   * @typedef {object} Box
   * @property {() => void} show
   * @property {Promise<Outcome>} outcome  when the dialog is closed
   * @property {Promise<void>} over        when nothing more is to come: canceled, or in the books
   */

  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript)
  if (!script || 'Quittance' in window) return
  const own = script.dataset.home
  const home = new URL(own ?? script.src, location.href).origin
  /** @type {string[]} */
  const allowed = /*EMBED_ORIGINS*/ []
  const here = (own !== undefined || allowed.includes(location.origin)) && typeof HTMLDialogElement === 'function'

  const WORDS = {
    en: ['Pay invoice', 'Close', 'The payment page does not answer.', 'Open it in a new tab'],
    fr: ['Payer la facture', 'Fermer', 'La page de paiement ne répond pas.', 'L’ouvrir dans un nouvel onglet'],
    de: ['Rechnung bezahlen', 'Schließen', 'Die Zahlungsseite antwortet nicht.', 'In neuem Tab öffnen'],
    es: ['Pagar la factura', 'Cerrar', 'La página de pago no responde.', 'Abrirla en una pestaña nueva'],
  }
  /** @param {string} [wish] */
  const words = (wish) => {
    const wishes = [wish, document.documentElement.lang, ...navigator.languages].map((tag) =>
      (tag ?? '').slice(0, 2).toLowerCase(),
    )
    return WORDS[/** @type {keyof typeof WORDS} */ (wishes.find((tag) => tag in WORDS) ?? 'en')]
  }

  // The dialog stands in a shadow tree with a constructed sheet: the page's own styles and its Content-Security-Policy
  // neither spoil nor forbid it.
  const STYLE = `
    dialog { box-sizing: border-box; position: fixed; inset: 0; margin: auto; padding: 0; border: 0; overflow: hidden;
      width: min(31rem, calc(100vw - 2rem)); height: min(49rem, calc(100dvh - 3rem)); max-width: none; max-height: none;
      border-radius: 16px; background: #ffffff; color: #16211d; color-scheme: light dark;
      box-shadow: 0 24px 64px rgb(0 0 0 / 0.28); font: 16px/1.5 system-ui, sans-serif; }
    dialog[open] { display: grid; grid-template-rows: auto 1fr; }
    dialog::backdrop { background: rgb(12 18 16 / 0.5); }
    header { display: flex; justify-content: flex-end; padding: 0.5rem 0.5rem 0; }
    button { display: grid; place-items: center; width: 2.75rem; height: 2.75rem; padding: 0; border: 0;
      border-radius: 50%; background: none; color: inherit; cursor: pointer; font: inherit; }
    button:hover { background: rgb(128 140 134 / 0.16); }
    button:focus-visible, a:focus-visible { outline: 2px solid #0b6654; outline-offset: -2px; }
    svg { width: 1.25rem; height: 1.25rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; }
    iframe { display: block; width: 100%; height: 100%; border: 0; background: inherit; color-scheme: light dark; }
    p { align-self: start; margin: 2rem 1.5rem; text-align: center; }
    a { color: #0b6654; }
    @media (max-width: 36rem) {
      dialog { width: 100vw; height: 100dvh; border-radius: 0; box-shadow: none; }
    }
    @media (prefers-color-scheme: dark) {
      dialog { background: #171f1c; color: #edf2ef; }
      a { color: #63cfb5; }
      button:focus-visible, a:focus-visible { outline-color: #63cfb5; }
    }
    @media (prefers-reduced-motion: no-preference) {
      dialog[open] { animation: rise 0.18s ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(0.5rem); } }
    }`

  /** Dialogs that are open, or closed with news still to come. @type {Map<string, Box>} */
  const boxes = new Map()

  /** The address of the pay page; throws where it is none of ours. @param {Request} request */
  function addressOf({ url, invoice, token, lang }) {
    const address = new URL(url ?? `/pay/${encodeURIComponent(String(invoice))}`, home)
    if (address.origin !== home || !/^\/pay\/\d+$/.test(address.pathname))
      throw new TypeError('Quittance.open: not a pay link of this server')
    if (token) address.searchParams.set('access_token', token)
    if (lang) address.searchParams.set('lang', lang)
    return address.href
  }

  /** @param {Request} request @returns {Promise<Outcome>} */
  async function open(request) {
    const address = addressOf(request)
    if (here) return box(address, request).outcome
    window.open(address, '_blank', 'noopener')
    return { status: 'canceled' }
  }

  /** Shows the dialog of a link; the one that is already there if its payment is still under way. @param {string} address @param {Request} request */
  function box(address, request) {
    const known = boxes.get(address)
    const made = known ?? build(address, request)
    boxes.set(address, made)
    made.show()
    return made
  }

  /** @param {string} address @param {Request} request @returns {Box} */
  function build(address, { title, lang }) {
    const [heading, closing, silent, tab] = /** @type {[string, string, string, string]} */ (words(lang))
    const host = document.createElement('div')
    const root = host.attachShadow({ mode: 'open' })
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLE)
    root.adoptedStyleSheets = [sheet]
    const dialog = document.createElement('dialog')
    dialog.setAttribute('aria-label', title ?? heading)
    const header = document.createElement('header')
    const button = document.createElement('button')
    button.type = 'button'
    button.setAttribute('aria-label', closing)
    button.append(cross())
    header.append(button)
    const frame = document.createElement('iframe')
    frame.title = title ?? heading
    frame.allow = 'payment *; publickey-credentials-get *'
    frame.referrerPolicy = 'strict-origin'
    frame.src = address
    dialog.append(header, frame)
    root.append(dialog)
    document.body.append(host)

    /** @type {Outcome} */
    let news = { status: 'canceled' }
    let busy = false
    let shut = false
    /** @type {(outcome: Outcome) => void} */
    let settle = () => {}
    /** @type {() => void} */
    let end = () => {}
    /** @type {Promise<Outcome>} */
    const outcome = new Promise((resolve) => (settle = resolve))
    /** @type {Promise<void>} */
    const over = new Promise((resolve) => (end = resolve))
    const silence = setTimeout(() => {
      const line = document.createElement('p')
      const link = document.createElement('a')
      link.href = address
      link.target = '_blank'
      link.rel = 'noopener'
      link.textContent = tab
      line.append(`${silent} `, link)
      frame.replaceWith(line)
    }, 20_000)

    // Closed while a payment is being made or booked, the dialog only hides: its frame still brings the news.
    function look() {
      if (!shut || busy) return
      settle(news)
      if (news.status === 'paid' && !news.booked) return
      clearTimeout(silence)
      removeEventListener('message', hear)
      boxes.delete(address)
      host.remove()
      end()
    }
    /** @param {MessageEvent} event */
    function hear({ source, origin, data }) {
      if (source !== frame.contentWindow || origin !== home) return
      clearTimeout(silence)
      if (data?.type === 'quittance:busy') busy = data.busy === true
      if (data?.type === 'quittance:paid')
        news = { status: 'paid', booked: data.booked === true, invoice: data.invoice, payment: data.payment }
      if (data?.type === 'quittance:close') dialog.close()
      look()
    }
    addEventListener('message', hear)
    button.addEventListener('click', () => dialog.close())
    dialog.addEventListener('cancel', (event) => busy && event.preventDefault())
    let pressed = false
    dialog.addEventListener('pointerdown', ({ target }) => (pressed = target === dialog))
    dialog.addEventListener('click', ({ target }) => pressed && target === dialog && !busy && dialog.close())
    dialog.addEventListener('close', () => {
      shut = true
      unlock()
      look()
    })
    const show = () => {
      if (dialog.open) return
      shut = false
      dialog.showModal()
      lock()
    }
    return { show, outcome, over }
  }

  function cross() {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    svg.setAttribute('viewBox', '0 0 24 24')
    svg.setAttribute('aria-hidden', 'true')
    const path = document.createElementNS(svg.namespaceURI, 'path')
    path.setAttribute('d', 'M6 6l12 12M18 6L6 18')
    svg.append(path)
    return svg
  }

  // The page behind does not scroll, and does not jump when its scroll bar goes.
  /** @type {{ overflow: string, paddingRight: string } | null} */
  let before = null
  function lock() {
    const { style, clientWidth } = document.documentElement
    before ??= { overflow: style.overflow, paddingRight: style.paddingRight }
    const bar = innerWidth - clientWidth
    style.overflow = 'hidden'
    if (bar > 0) style.paddingRight = `${bar}px`
  }
  function unlock() {
    Object.assign(document.documentElement.style, before)
    before = null
  }

  /** A click on a pay link. @param {HTMLAnchorElement} link */
  async function press(link) {
    const { outcome, over } = box(addressOf({ url: link.href, lang: link.dataset.lang }), {
      title: link.dataset.title,
      lang: link.dataset.lang,
    })
    const result = await outcome
    // Paid, but not yet in the books: the link waits, so that nobody pays twice.
    link.setAttribute('aria-disabled', 'true')
    await over
    link.removeAttribute('aria-disabled')
    if (result.status === 'paid' && script?.hasAttribute('data-reload')) location.reload()
  }

  /** @param {EventTarget | null} target @returns {HTMLAnchorElement | null} */
  const payLink = (target) => (target instanceof Element ? target.closest('a.quittance-pay') : null)

  function begin() {
    for (const link of document.querySelectorAll('a.quittance-pay')) link.setAttribute('aria-haspopup', 'dialog')
    const here = new URL(location.href)
    const asked = here.searchParams.get('quittance') === 'pay'
    if (asked) {
      here.searchParams.delete('quittance')
      history.replaceState(history.state, '', here)
    }
    const first = payLink(document.querySelector('a.quittance-pay'))
    if (first && (asked || script?.hasAttribute('data-open'))) press(first)
  }

  Object.defineProperty(window, 'Quittance', { value: Object.freeze({ open }) })
  if (!here) return
  document.addEventListener('click', (event) => {
    const link = payLink(event.target)
    if (
      !link ||
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    try {
      addressOf({ url: link.href })
    } catch {
      return
    }
    event.preventDefault()
    if (link.getAttribute('aria-disabled') !== 'true') press(link)
  })
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin)
  else begin()
})()
