// What anybody sees and does on a page.

import { eventually } from '../../workerd/support/index.mjs'

export class Person {
  /** `scope` is the page itself, or the frame in which the page that is meant stands. */
  constructor(page, scope = page) {
    this.page = page
    this.scope = scope
  }

  /** Waits until a sentence is on the page. */
  sees(text) {
    return this.scope.getByText(text).first().waitFor()
  }

  /** Waits for a heading, which the states are known by. */
  heading(name) {
    return this.scope.getByRole('heading', { name }).first().waitFor()
  }

  button(name) {
    return this.scope.getByRole('button', { name })
  }

  /** Waits until the focus stands on or in an element, whatever shadow tree it is in. */
  focusOn(locator) {
    return eventually(() => locator.evaluate((element) => element.matches(':focus, :focus-within')))
  }
}
