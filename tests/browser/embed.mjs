// The pay page in a dialog over somebody's own page, of another origin than the Worker's.

import assert from 'node:assert/strict'

import { accessible } from './support/axe.mjs'
import { CARD, eventually, Payer, PHONE, stories } from './support/index.mjs'

const story = stories()

/** A page that is taller than any window, with a pay link in it. */
const portal = (shop, invoice, { attributes = '', more = '', ...rest } = {}) =>
  shop.host.page(
    `<main><h1>Your invoice</h1><a class="quittance-pay" target="_blank" href="${invoice.pay_link}">Pay online</a>` +
      `<p style="height: 3000px">Far down</p>${more}</main><script src="${shop.url}/embed.js" ${attributes}></script>`,
    rest,
  )

const link = (page) => page.getByRole('link', { name: 'Pay online' })
const dialog = (page) => page.getByRole('dialog', { name: 'Pay invoice' })
const frameOf = (page) => page.frames().find((frame) => frame.url().includes('/pay/'))

/** Opens somebody's page and presses its link; gives the payer in the dialog. */
async function press(visit, url, wishes) {
  const visitor = await visit(url, wishes)
  await link(visitor.page).click()
  return within(visitor)
}

/** The payer in the dialog that stands on a visitor's page. */
async function within(visitor) {
  await dialog(visitor.page).waitFor()
  const payer = new Payer(visitor.page, visitor.page.locator('dialog iframe').contentFrame())
  await payer.ready()
  return payer
}

const gone = (page) => eventually(async () => (await dialog(page).count()) === 0)

story(
  'a link opens the pay page in a dialog, and the focus returns to it after Close',
  async ({ shop, invoice, visit }) => {
    const visitor = await visit(`${shop.host.url}${portal(shop, invoice)}`)
    const { page } = visitor
    assert.equal(await link(page).getAttribute('aria-haspopup'), 'dialog')
    await link(page).focus()
    await page.keyboard.press('Enter')
    await within(visitor)
    await page.getByRole('button', { name: 'Close' }).click()
    await gone(page)
    await visitor.focusOn(link(page))
    assert.equal((await shop.standing(invoice)).residual, '115.00')
  },
)

for (const where of ['on the dialog', 'in the card’s fields', 'in the frame']) {
  story(`Escape ${where} closes it`, async ({ shop, invoice, visit }) => {
    const payer = await press(visit, `${shop.host.url}${portal(shop, invoice)}`)
    if (where === 'on the dialog') await payer.page.getByRole('button', { name: 'Close' }).focus()
    if (where === 'in the card’s fields') await payer.scope.getByLabel('Card number').focus()
    if (where === 'in the frame') await payer.payButton.focus()
    await payer.page.keyboard.press('Escape')
    await gone(payer.page)
    await payer.focusOn(link(payer.page))
  })
}

story(
  'Cancel, and a press beside the dialog, close it; the page behind never scrolls',
  async ({ shop, invoice, visit }) => {
    const payer = await press(visit, `${shop.host.url}${portal(shop, invoice)}`)
    const { page } = payer
    await page.mouse.move(20, 20)
    await page.mouse.wheel(0, 600)
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    assert.equal(await page.evaluate(() => scrollY), 0)
    await page.mouse.click(20, 20)
    await gone(page)
    await page.mouse.wheel(0, 600)
    await eventually(() => page.evaluate(() => scrollY > 0))
    await link(page).click()
    await (await within(payer)).button('Cancel').click()
    await gone(page)
  },
)

story('Quittance.open pays in the dialog and tells the page', async ({ shop, invoice, visit }) => {
  const visitor = await visit(`${shop.host.url}${portal(shop, invoice)}`)
  const { page } = visitor
  await page.evaluate((url) => {
    globalThis.outcome = globalThis.Quittance.open({ url, title: 'Pay invoice' })
  }, invoice.pay_link)
  const payer = await within(visitor)
  await payer.pay(CARD.asks)
  await payer.answerBank('Complete authentication')
  await payer.recorded()
  await payer.button('Done').click()
  await gone(page)
  const [{ payment }] = await shop.intents(invoice)
  const outcome = await page.evaluate(() => globalThis.outcome)
  assert.deepEqual(outcome, { status: 'paid', booked: true, invoice: invoice.id, payment })
  assert.equal((await shop.standing(invoice)).residual, '0.00')
})

story('a page that asks for it is loaded again once the books know', async ({ shop, invoice, visit }) => {
  const payer = await press(visit, `${shop.host.url}${portal(shop, invoice, { attributes: 'data-reload' })}`)
  const { page } = payer
  await page.evaluate(() => {
    globalThis.old = true
  })
  await shop.odoo.sim('faults', { fault: 'down', on: invoice.name })
  await payer.pay()
  await payer.sees('Being recorded in the books…')
  await payer.button('Done').click()
  await eventually(
    async () => (await dialog(page).count()) === 0 && (await link(page).getAttribute('aria-disabled')) === 'true',
  )
  await link(page).click({ force: true })
  assert.equal(await dialog(page).count(), 0, 'nobody pays twice')
  await shop.mend()
  await eventually(() => page.evaluate(() => globalThis.old === undefined), { forgiving: true })
})

story('a payment that is being made cannot be closed away', async ({ shop, invoice, visit }) => {
  const payer = await press(visit, `${shop.host.url}${portal(shop, invoice)}`)
  await payer.pay(CARD.asks)
  await payer.heading('Your bank asks: is this you?')
  await payer.page.mouse.click(20, 20)
  assert.equal(await dialog(payer.page).count(), 1)
  await payer.answerBank('Complete authentication')
  await payer.recorded()
})

story('messages of other windows are not believed', async ({ shop, invoice, visit }) => {
  const lie = `for (const type of ['quittance:paid', 'quittance:close']) parent.postMessage({ type, booked: true, invoice: ${invoice.id}, payment: 'pi_lie' }, '*')`
  const hostile = shop.host.page(`<script>setInterval(() => { ${lie} }, 20)</script>`)
  const more = `<iframe title="Other" src="${shop.host.strange}${hostile}"></iframe><iframe title="Near" src="${hostile}"></iframe>`
  const visitor = await visit(`${shop.host.url}${portal(shop, invoice, { more })}`)
  const { page } = visitor
  await page.evaluate((url) => {
    globalThis.heard = new Set()
    addEventListener('message', ({ data, origin }) => globalThis.heard.add(`${data.type} ${origin}`))
    globalThis.outcome = globalThis.Quittance.open({ url })
  }, invoice.pay_link)
  await within(visitor)
  await eventually(() => page.evaluate(() => globalThis.heard.size >= 4))
  await page.evaluate(() => postMessage({ type: 'quittance:close' }, '*'))
  await eventually(() =>
    page.evaluate(() => [...globalThis.heard].some((text) => text.startsWith('quittance:close http://127'))),
  )
  assert.equal(await dialog(page).count(), 1, 'the dialog stays')
  await page.getByRole('button', { name: 'Close' }).click()
  assert.deepEqual(await page.evaluate(() => globalThis.outcome), { status: 'canceled' })
})

story(
  'on a page whose origin is not named the link stays a link, and a frame stays empty',
  async ({ shop, invoice, visit }) => {
    const visitor = await visit(`${shop.host.strange}${portal(shop, invoice)}`)
    visitor.forgive(/frame-ancestors|refused to connect|Framing/i)
    const [tab] = await Promise.all([visitor.context.waitForEvent('page'), link(visitor.page).click()])
    const payer = new Payer(tab)
    await payer.ready()
    await payer.inState('open')
    assert.equal(await dialog(visitor.page).count(), 0)
    const framed = shop.host.page(`<iframe title="Pay" src="${invoice.pay_link}"></iframe>`)
    await visitor.page.goto(`${shop.host.strange}${framed}`)
    await eventually(() => visitor.page.frames()[1]?.url().startsWith('chrome-error'))
  },
)

story('a page with a strict policy of its own may show it', async ({ shop, invoice, visit }) => {
  const policy = `default-src 'none'; script-src ${shop.url}; frame-src ${shop.url}; style-src 'none'; img-src data:`
  const body = `<a class="quittance-pay" href="${invoice.pay_link}">Pay online</a><script src="${shop.url}/embed.js"></script>`
  const path = shop.host.page(body, { head: `<meta http-equiv="content-security-policy" content="${policy}">` })
  const payer = await press(visit, `${shop.host.url}${path}`)
  await payer.pay()
  await payer.recorded()
})

story('a phone shows it over the whole screen', async ({ shop, invoice, visit }) => {
  const payer = await press(visit, `${shop.host.url}${portal(shop, invoice)}`, {
    size: PHONE,
    hasTouch: true,
    isMobile: true,
  })
  const { page } = payer
  assert.deepEqual(await page.locator('dialog').boundingBox(), { x: 0, y: 0, ...PHONE })
  const frame = frameOf(page)
  assert.equal(
    await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    0,
  )
  await payer.pay()
  await payer.recorded()
  await payer.button('Done').tap()
  await gone(page)
})

story('the dialog and what it shows are accessible', async ({ shop, invoice, visit }) => {
  const payer = await press(visit, `${shop.host.url}${portal(shop, invoice)}`)
  await accessible(payer, 'around the dialog', { exclude: ['main'] })
  await accessible(payer, 'in the dialog', { frame: frameOf(payer.page) })
})
