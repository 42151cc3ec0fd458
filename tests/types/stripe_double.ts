// The double of Stripe.js against Stripe's own definitions: whatever a page calls on it exists there under the
// same name, takes what the real one takes and gives what the real one gives.

import type {
  PaymentIntentResult,
  Stripe,
  StripeConstructorOptions,
  StripeElements,
  StripeElementsOptionsClientSecret,
  StripeElementsOptionsMode,
  StripeElementsUpdateOptions,
  StripeError,
  StripePaymentElement,
  StripePaymentElementOptions,
} from '@stripe/stripe-js'

type Double = ReturnType<typeof StripeDouble>
type Group = ReturnType<Double['elements']>
type Element = ReturnType<Group['create']>

/** No names but those of the real thing. What only the double's own files use is listed. */
type Others<Own, Real, Inner> = Exclude<keyof Own, keyof Real | Inner>
type Names<Own, Real, Inner = never> = [Others<Own, Real, Inner>] extends [never] ? true : Others<Own, Real, Inner>
type GroupsOwn = 'wire' | 'options' | 'element' | 'submitted' | 'load' | 'forget' | 'form'
type ElementsOwn = 'group' | 'options' | 'form' | 'load' | 'dress'
const stripeNames: Names<Double, Stripe> = true
const groupNames: Names<Group, StripeElements, GroupsOwn> = true
const elementNames: Names<Element, StripePaymentElement, ElementsOwn> = true

/** The element is one: every method of every overload. */
const element = (made: Element): StripePaymentElement => made

/** The group's methods, as far as a payment goes. */
const group = (made: Group) => ({
  create: made.create.bind(made) as (type: 'payment', options?: StripePaymentElementOptions) => Element,
  update: made.update.bind(made) satisfies (options: StripeElementsUpdateOptions) => Promise<void>,
  on: made.on.bind(made) satisfies StripeElements['on'],
  fetchUpdates: made.fetchUpdates.bind(made) satisfies StripeElements['fetchUpdates'],
  submit: made.submit.bind(made) satisfies StripeElements['submit'],
})

/** Confirmations give what the real ones give, and a real result is read the same way. */
const stripe = (made: Double) => ({
  confirmPayment: made.confirmPayment satisfies (options: {
    elements: Group
    confirmParams?: Parameters<Stripe['confirmPayment']>[0]['confirmParams']
    redirect: 'if_required'
  }) => ReturnType<Stripe['retrievePaymentIntent']>,
  retrievePaymentIntent: made.retrievePaymentIntent satisfies Stripe['retrievePaymentIntent'],
  handleNextAction: made.handleNextAction satisfies (options: {
    clientSecret: string
  }) => ReturnType<Stripe['handleNextAction']>,
  elements: made.elements satisfies (options: StripeElementsOptionsClientSecret) => Group,
  deferred: made.elements satisfies (options: StripeElementsOptionsMode) => Group,
})

/** It is begun like the real one. */
type Begun = Pick<StripeConstructorOptions, 'stripeAccount' | 'apiVersion' | 'betas'>
const begin: (key: string, options?: Begun) => Double = StripeDouble

/** Results are the real union, not a wider type. */
type Exactly<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const results: Exactly<Awaited<ReturnType<Double['confirmPayment']>>, PaymentIntentResult> = true
const errors: Exactly<ReturnType<typeof reported>, StripeError> = true
const submits: Exactly<Awaited<ReturnType<Group['submit']>>, Awaited<ReturnType<StripeElements['submit']>>> = true

export { begin, element, elementNames, errors, group, groupNames, results, stripe, stripeNames, submits }

// The assertions above would be worth nothing if they took everything.
// @ts-expect-error a method that Stripe does not have
const otherMethod: Names<Double & { confirmPayments(): void }, Stripe> = true
// @ts-expect-error a field that Stripe's errors do not have
const otherField: StripeError = { type: 'card_error', declineCode: 'lost_card' }
// @ts-expect-error a result that is wider than Stripe's
const otherResult: Exactly<{ paymentIntent: unknown }, PaymentIntentResult> = true
export { otherField, otherMethod, otherResult }
