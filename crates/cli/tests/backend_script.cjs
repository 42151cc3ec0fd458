// Runs the backend's script (standard input) in small worlds and says on standard output what became of it, as JSON.
const vm = require('node:vm')
const source = require('node:fs').readFileSync(0, 'utf8')

/** An element that remembers what is done to it. */
function element() {
  const made = { style: {}, handlers: {}, children: [], contentWindow: {} }
  return Object.assign(made, {
    addEventListener: (name, handler) => {
      made.handlers[name] = handler
    },
    append: (...all) => made.children.push(...all),
    setAttribute() {},
    remove() {},
    focus() {},
    showModal() {},
    close: () => made.handlers.close(),
  })
}

/** A world with the registry and, when `dialog` is true, Odoo's dialog. */
function world(dialog) {
  const at = { actions: {}, made: [], notices: [], listeners: [], timers: [] }
  const make = (tag) => {
    const one = Object.assign(element(), { tag })
    at.made.push(one)
    return one
  }
  const modules = new Map([
    [
      '@web/core/registry',
      {
        registry: {
          category: () => ({
            add: (name, run) => {
              at.actions[name] = run
            },
          }),
        },
      },
    ],
  ])
  if (dialog) {
    modules.set('@web/core/dialog/dialog', { Dialog: class {} })
    modules.set('@odoo/owl', {
      Component: class {},
      xml: () => '',
      useRef: () => ({ el: element() }),
      onMounted: (run) => run(),
    })
  }
  at.env = {
    services: {
      notification: {
        add: (text, { type }) => {
          at.notices.push(`${type} ${text}`)
          return () => at.notices.push('taken back')
        },
      },
      dialog: {
        add: (Kind, props, { onClose }) => {
          const one = new Kind()
          one.props = { ...props, close: onClose }
          one.setup()
        },
      },
    },
  }
  const window = {
    addEventListener: (_, run) => at.listeners.push(run),
    removeEventListener: (_, run) => {
      at.listeners = at.listeners.filter((one) => one !== run)
    },
  }
  Object.assign(at, {
    sandbox: {
      odoo: { loader: { modules } },
      window,
      URL,
      Promise,
      document: { createElement: make, body: element() },
      setTimeout: (run) => at.timers.push(run),
      clearTimeout() {},
    },
  })
  vm.runInNewContext(source, at.sandbox)
  return at
}

const params = {
  url: 'https://pay.example.com/pay/1?access_token=t',
  title: 'Pay',
  paid_message: 'paid',
  waiting_message: 'waiting',
}

/** Opens the page, sends messages, and tells the notices and whether the action ended. */
async function story(dialog, messages) {
  const at = world(dialog)
  let end = null
  at.actions.quittance_pay(at.env, { params }).then((action) => {
    end = action.type
  })
  const frame = at.made.find((one) => one.tag === 'iframe')
  for (const { mine = true, origin = 'https://pay.example.com', data } of messages) {
    for (const run of at.listeners) run({ source: mine ? frame.contentWindow : {}, origin, data })
  }
  await new Promise((resolve) => {
    setTimeout(resolve)
  })
  return {
    notices: at.notices,
    end,
    plain: at.made.some((one) => one.tag === 'dialog'),
    listening: at.listeners.length,
  }
}

const paid = (booked) => ({ data: { type: 'quittance:paid', booked } })
;(async () => {
  let tries = 0
  vm.runInNewContext(source, {
    setTimeout: () => {
      tries += 1
    },
  })
  console.log(
    JSON.stringify({
      nothing_there: tries,
      booked: await story(true, [paid(false), paid(false), paid(true)]),
      waiting: await story(true, [paid(false)]),
      plain: await story(false, [paid(true)]),
      closed: await story(true, [{ data: { type: 'quittance:close' } }]),
      strangers: await story(true, [
        { ...paid(true), mine: false },
        { ...paid(true), origin: 'https://evil.example.com' },
        { data: null },
        { data: 'quittance:paid' },
      ]),
    }),
  )
})()
