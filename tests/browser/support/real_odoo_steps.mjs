// What a clerk and a guest do in a real Odoo, on a Playwright page. An odoo is {url, db, major, login, password}; the
// functions throw when something is not as it should be. What happens inside the pay page is the caller's.

const BUTTON = 'Pay with Stripe'
const WAIT = 30_000

/** Logs in as the odoo's user and leaves the page in the backend. */
export async function login(page, odoo) {
  await page.goto(`${odoo.url}/web/login?db=${odoo.db}`)
  await page.fill('input[name=login]', odoo.login)
  await page.fill('input[name=password]', odoo.password)
  await page.click('.oe_login_form button[type=submit]')
  await page.locator('.o_web_client .o_main_navbar').waitFor({ timeout: 2 * WAIT })
}

/** Opens an invoice's form, and marks the window: the mark is gone after a page load. */
export async function openForm(page, odoo, invoice) {
  const at = odoo.major >= 18 ? `/odoo/account.move/${invoice}` : `/web#id=${invoice}&model=account.move&view_type=form`
  // In 17 only the fragment differs between two invoices, which loads nothing.
  await page.goto('about:blank')
  await page.goto(`${odoo.url}${at}`)
  await page.locator('.o_form_view .o_form_statusbar').waitFor({ timeout: 2 * WAIT })
  await page.evaluate(() => {
    window.quittanceMark = true
  })
}

/** The button in the form's header. */
export function formButton(page) {
  return page.locator('.o_form_view .o_statusbar_buttons').getByRole('button', { name: BUTTON, exact: true })
}

/** Presses the form's button; the pay page's frame as a FrameLocator. `mode` is asset or frame. */
export async function payOnForm(page, mode = 'asset') {
  await formButton(page).click()
  if (mode === 'asset') {
    await page.locator('.o_quittance_pay iframe').waitFor({ timeout: WAIT })
    return page.frameLocator('.o_quittance_pay iframe')
  }
  await page.locator('.modal iframe.o_preview_iframe').waitFor({ timeout: WAIT })
  return page.frameLocator('.modal iframe.o_preview_iframe').frameLocator('iframe')
}

/** Presses the form's button in mode tab: the new page. */
export async function payInTab(page) {
  const [tab] = await Promise.all([page.context().waitForEvent('page', { timeout: WAIT }), formButton(page).click()])
  await tab.waitForLoadState()
  return tab
}

/** Waits until no dialog stands over the form. */
export async function dialogGone(page) {
  await page.locator('.o_dialog, dialog[open]').waitFor({ state: 'detached', timeout: WAIT })
}

/** The form shows the invoice as paid, without the button, and was not loaded anew. */
export async function formShowsPaid(page) {
  await dialogGone(page)
  await page
    .locator('.o_form_view .ribbon')
    .filter({ hasText: /^\s*(Paid|In Payment)\s*$/i })
    .waitFor({ timeout: WAIT })
  await formButton(page).waitFor({ state: 'detached', timeout: WAIT })
  if (!(await page.evaluate(() => window.quittanceMark === true))) {
    throw new Error('the backend page was loaded anew')
  }
}

/** The form has no button. */
export async function formHasNoButton(page) {
  if ((await formButton(page).count()) !== 0) {
    throw new Error('the form has the button')
  }
}

/** Opens the portal page; `link` is what account.move.get_portal_url gave. */
export async function openPortal(page, odoo, link) {
  await page.goto(`${odoo.url}${link}`)
  await page.locator('.o_portal_sidebar #invoice_content').waitFor({ timeout: WAIT })
}

export function portalButton(page) {
  return page.locator('a.quittance-pay')
}

/** Presses the portal's button once the embed script stands; the pay page's frame as a FrameLocator. */
export async function payOnPortal(page) {
  await page.waitForLoadState('load')
  await portalButton(page).click()
  await page.locator('dialog[open] iframe').waitFor({ timeout: WAIT })
  return page.frameLocator('dialog[open] iframe')
}

/** Closes the dialog that tells of a booked payment; the portal page then loads itself anew and shows it as paid. */
export async function portalShowsPaid(page) {
  const cross = page.locator('dialog[open] header button')
  if ((await cross.count()) !== 0) {
    await cross.click()
  }
  await portalButton(page).waitFor({ state: 'detached', timeout: WAIT })
  await page.locator('.o_portal_sidebar').getByText('Paid', { exact: true }).first().waitFor({ timeout: WAIT })
}
