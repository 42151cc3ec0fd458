// An operator before the page, and a double of the API behind it.

import { after, before, test } from 'node:test'

import { startDouble } from './double.mjs'
import { open, watched } from './index.mjs'
import { Person } from './person.mjs'
import { launch } from './shop.mjs'

export class Operator extends Person {
  /** Opens a view by its address. */
  async at(path) {
    await this.page.evaluate((path) => (location.hash = path), path)
    await this.settled()
  }

  /** Waits until nothing loads. */
  settled() {
    return this.page.locator('main[aria-busy=false] h1').waitFor()
  }

  async signIn(token, name = '') {
    await this.page.getByLabel('Admin token').fill(token)
    await this.page.getByLabel('Your name').fill(name)
    await this.button('Sign in').click()
  }

  /** Presses a button, gives the reason that is asked for, and confirms. */
  async does(action, reason = '', confirm = action) {
    await this.button(action).first().click()
    const dialog = this.page.getByRole('dialog')
    if (reason) await dialog.getByLabel(/^Reason/).fill(reason)
    await dialog.getByRole('button', { name: confirm }).click()
  }
}

/** One double for the tests of a file; gives the function that tells one. A story gets `double` and `visit(path)`. */
export function operatorStories() {
  let double
  let browser
  before(async () => {
    ;[double, browser] = await Promise.all([startDouble(), launch()])
  })
  after(() => Promise.all([double?.close(), browser?.close()]))
  return (name, play) =>
    test(name, async () => {
      double.renew()
      await watched(
        name,
        (wishes) => open(browser, [double.url], Operator, wishes),
        (visit) =>
          play({
            double,
            it: double.it,
            async visit(path = '', wishes = {}) {
              const operator = await visit(`${double.url}/admin${path && `#${path}`}`, wishes)
              await operator.settled()
              return operator
            },
          }),
      )
    })
}
