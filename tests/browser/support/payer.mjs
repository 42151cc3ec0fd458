// What a payer sees and does on the pay page, alone or in a frame.

import { Person } from './person.mjs'

export const CARD = {
  pays: '4242424242424242',
  declined: '4000000000000002',
  poor: '4000000000009995',
  asks: '4000000000003220',
}

/** A payment's name in Odoo, where set-up made the journal. */
const ENTRY = /PSTRP\/\d+\/\d+/

export class Payer extends Person {
  get payButton() {
    return this.scope.locator('form button.pay')
  }

  /** Waits until something can be paid; `amount` as the button shows it. */
  async ready(amount = '') {
    await this.scope.locator('form button.pay[aria-disabled=false]', { hasText: amount }).waitFor()
  }

  async card(number = CARD.pays) {
    await this.ready()
    await this.scope.getByLabel('Card number').fill(number)
    await this.scope.getByLabel('Expiration date').fill('12 / 34')
    await this.scope.getByLabel('Security code').fill('123')
  }

  /** Types a card and presses Pay. */
  async pay(number) {
    await this.card(number)
    await this.payButton.click()
  }

  /** Pays from a bank account. */
  async debit(account) {
    await this.scope.getByRole('radio', { name: 'Bank debit' }).check()
    await this.scope.getByLabel('Account holder').fill('Ada Payer')
    await this.scope.getByLabel('Routing number').fill('110000000')
    await this.scope.getByLabel('Account number').fill(account)
    await this.payButton.click()
  }

  /** Chooses an amount of one's own. */
  async ownAmount(amount) {
    await this.scope.getByLabel('Another amount').check()
    await this.scope.getByLabel(/^Your amount in/).fill(amount)
    await this.button('Use this amount').click()
  }

  /** Waits until the books know; gives the entry's name. */
  async recorded() {
    const line = this.scope.locator('.books', { hasText: ENTRY })
    await line.waitFor()
    return ENTRY.exec(await line.textContent())[0]
  }

  /** The 3-D Secure dialog's answer, by the name of its button. */
  answerBank(name) {
    return this.scope.getByRole('button', { name, exact: true }).click()
  }

  /** The name of the state that is shown. */
  state() {
    return this.scope.locator('main').getAttribute('data-state')
  }

  /** Waits for a state. */
  inState(name) {
    return this.scope.locator(`main[data-state="${name}"]`).waitFor()
  }
}
