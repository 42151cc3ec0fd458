// The types of the pay page, checked by `tsc -p public`. They stand here, and not in the modules, because the browser
// loads the modules as they are and would pay for every word.

type StripeJs = import('@stripe/stripe-js').Stripe
type StripeElements = import('@stripe/stripe-js').StripeElements
type StripeError = Partial<import('@stripe/stripe-js').StripeError> & { advice_code?: string | null }
type PaymentIntent = import('@stripe/stripe-js').PaymentIntent

interface Window {
  Stripe?: import('@stripe/stripe-js').StripeConstructor
}

declare namespace Pay {
  // The server's answers -------------------------------------------------------------------------------------------

  interface Money {
    /** Stripe's integer of minor units. */
    minor: number
    /** ISO code, upper case. */
    currency: string
    /** Exact decimal text in major units, with all the places of the currency. */
    amount: string
    /** The server's own plain form, not shown. */
    display: string
  }
  interface Invoice {
    id: number
    number: string
    /** Calendar day, as `2026-12-20`; so is `due`. */
    date: string | null
    due: string | null
    company: { id: number; name: string }
    total: Money
    paid: Money
    residual: Money
    /** Masked by the server. */
    email: string | null
    locale: string | null
  }
  interface Payment {
    /** `pi_…` */
    id: string
    money: Money
    /** Only while the payment is open. */
    client_secret?: string
    customer_session?: string | null
    publishable_key: string
    booked: Booked | null
  }
  interface Booked {
    /** The entry in the books. */
    name: string
  }
  /** Answer of `POST /api/payment-intents`. */
  interface Offer {
    state: 'open' | 'processing' | 'authorized' | 'received' | 'attention' | 'paid' | 'disputed'
    invoice: Invoice
    /** The first is what is offered first. */
    amounts: Array<{ kind: 'next' | 'overdue' | 'discounted' | 'residual'; money: Money; until: string | null }>
    /** Whether an amount of the payer's own may be paid, and the least of it. */
    partial: { least: Money } | null
    payment: Payment | null
    simulated: boolean
  }
  /** Answer of `GET /api/invoices/{id}/payment`. */
  interface Ledger {
    state: 'open' | 'processing' | 'authorized' | 'received' | 'attention' | 'booked' | 'canceled' | 'none'
    payment: string | null
    booked: Booked | null
    /** Seconds. */
    paused_for: number
  }
  /** An answer other than 200; status 0: none at all, or none that can be read. */
  interface Refusal {
    status: number
    code: string
    /** Seconds that the server asks to wait; 0: none. */
    wait: number
  }
  type Answer = { offer: Offer; refusal?: undefined } | { refusal: Refusal; offer?: undefined }

  // The visit -------------------------------------------------------------------------------------------------------

  interface Link {
    /** 0: the address names none. */
    invoice: number
    /** The invoice's own token; empty when a bank's page sent the payer back into a tab that does not know it. */
    token: string
    /** The database that the link was made by. */
    database: string | null
    lang: string | null
    /** Client secret of the payment that a redirect brought back. */
    secret: string | null
    /** Publishable key of the last payment begun here. */
    key: string | null
    receipt: Receipt | null
  }
  /** What the payer may see again after a reload; the server knows neither method nor time. */
  interface Receipt {
    id: string
    /** `Visa •••• 4242` */
    method: string | null
    /** Milliseconds since 1970. */
    at: number | null
  }
  /** What Stripe made of one press of Pay, by what the page must do next:
   *  settled: it has the payment · invalid: the Payment Element shows what to correct · declined: try again ·
   *  moved: this PaymentIntent is no longer the one to pay · unsure: nobody could say whether money moved. */
  type Result =
    | { kind: 'settled'; intent: PaymentIntent }
    | { kind: 'declined'; error: StripeError; intent?: undefined }
    | { kind: 'invalid'; intent?: undefined }
    | { kind: 'moved'; intent?: undefined }
    | { kind: 'unsure'; intent?: undefined }
  /** An open invoice with what may be done about it. `again` asks the server afresh. */
  interface OpenInvoice {
    link: Link
    offer: Offer
    again(failed?: boolean): void
  }
  interface Card {
    elements: StripeElements
    focus(): void
    destroy(): void
  }
  interface Form {
    node: HTMLElement
    host: HTMLElement
    /** The payer is writing an amount: until it is settled nothing can be paid. */
    lock(yes: boolean): void
    /** The Payment Element stands. */
    ready(): void
    /** Another amount is being asked for. */
    changing(): void
    /** The PaymentIntent of the new amount; the choice stays as it is. */
    renew(payment: Payment): void
    /** The chosen method leaves the page, which a frame cannot. */
    elsewhere(yes: boolean): void
    /** A payment is being made. */
    busy(yes: boolean): void
    /** The bank is asking the payer. */
    asking(): void
    /** A fault or a change in words: title and text. The focus goes there. */
    notice(what: Notice | null): void
  }
  type Notice = [title: string, text: string]
  interface Presses {
    pay(): void
    cancel(): void
    amount(amount: string): void
  }
  /** The form that is open. */
  interface FormHandle {
    stripe: StripeJs
    offer: Offer
    payment: Payment
    view: Form
    card: Card
    elsewhere: boolean
  }

  // Functions whose signatures are long -----------------------------------------------------------------------------

  /** Asks for the invoice's payment. `amount` is decimal text; without it, what is offered first. `onSlow` is called
   *  before each repetition. */
  type Request = (link: Link, amount?: string, onSlow?: () => void) => Promise<Answer>
  // biome-ignore lint/suspicious/noExplicitAny: JSON of our own server, whose types stand above.
  type Call = (path: string, init: RequestInit) => Promise<{ body?: any; refusal: Refusal }>
  type Look = (link: Link) => Promise<Ledger | null>
  /** Looks at the ledger until `seen` has seen enough, or for five minutes. One watch runs at a time. */
  type Watch = (link: Link, seen: (ledger: Ledger) => unknown, tired?: () => void) => Promise<void>
  /** Asks the server how things stand, and shows it; `notice` is said above a new form. */
  type Begin = (amount?: string, notice?: (offer: Offer) => Notice | null) => Promise<void>
  type Arrive = (offer: Offer, notice?: Notice | null) => Promise<void>
  /** Mounts the Payment Element. */
  type Mount = (
    stripe: StripeJs,
    offer: Offer,
    payment: Payment,
    host: HTMLElement,
    on: { ready(): void; failed(): void; leaves(yes: boolean): void; escape(): void },
  ) => Card
  type OpenForm = (stripe: StripeJs, offer: Offer, payment: Payment, view: Form) => FormHandle
  type AfterMove = (before: Payment, next: Offer) => Notice
  type Declined = (offer: Offer, error: StripeError) => Notice
  /** `return_url`: where a bank's page sends the payer back to; it holds no token. */
  type Attempt = (
    stripe: StripeJs,
    elements: StripeElements,
    clientSecret: string,
    return_url: string,
  ) => Promise<Result>
  type Confirmation = { error?: StripeError; paymentIntent?: PaymentIntent }
  /** The truth from Stripe; `error` is what is said if nothing was paid. */
  type Ask = (stripe: StripeJs, secret: string, error?: StripeError) => Promise<Result>
  /** Whose invoice it is and how it stands; null: none may be shown. `open`: it is to be paid now. */
  type Head = (offer: Offer | null, open?: boolean) => void
  type MakeForm = (offer: Offer, payment: Payment, presses: Presses) => Form
  /** `now` is what the PaymentIntent asks for; `onOpen`: the payer is about to write an amount. */
  type Choice = (offer: Offer, now: Money, onAmount: (amount: string) => void, onOpen: () => void) => Child
  /** `now`: the amount is one of the payer's own already. */
  type OwnAmount = (offer: Offer, least: Money, now: Money | null, onAmount: (amount: string) => void) => HTMLElement
  type Panel = (
    state: string,
    shape: Shape,
    title: string,
    text: string,
    presses?: Button[],
    ...more: Child[]
  ) => HTMLElement
  type Radio = (checked: boolean, change: () => void, ...content: Child[]) => Child
  type Format = (money: { amount: string; currency: string }, locale: string) => string
  type Scaled = (amount: string, digits: number) => bigint
  type Typable = (amount: string, locale: string) => string
  type Parse = (typed: string, digits: number, locale: string) => string | null
  type Translate = (word: Word, values?: Record<string, string>) => string
  type ShowPanel = (...panel: Parameters<Panel>) => void
  type Show = (state: string, node: HTMLElement) => void
  /** `known`: the invoice is on the page already. */
  type Refused = (refusal: Refusal, again: () => void, known?: boolean) => void
  type Waiting = (all: OpenInvoice, state: 'processing' | 'authorized' | 'attention') => unknown
  type Settle = (all: OpenInvoice, intent: PaymentIntent) => void
  type Loading = (sentence: string, seen?: boolean) => void
  type Resting = (why: string, seconds: number, again: () => void) => void
  type Line = (shape: Shape | null, word: 'recording' | 'recorded' | 'recordLater', name?: string) => void
  /** What an intent says; `error` is what is said if nothing was paid. */
  type Read = (intent: PaymentIntent, error?: StripeError | null) => Result
  type End = (state: string, title: string, text: string, presses?: Button[]) => void
  /** What Stripe has, as far as this tab knows, and a line that follows it to the books. */
  type ShowReceipt = (
    all: OpenInvoice,
    state: string,
    shape: Shape,
    title: string,
    text: string,
    presses: Button[],
  ) => { id: string; node: HTMLElement; books: HTMLElement }

  // Words and elements ----------------------------------------------------------------------------------------------

  type Word = keyof typeof import('./assets/words-en.js').default
  type Words = Record<Word, string>
  type Explanation = [why: Word, next: Word]
  type Child = Node | string | null | undefined | false | 0
  type Shape = 'check' | 'clock' | 'alert' | 'pause' | 'back' | 'lock'
  type Row = [label: string, value: Child]
  /** A button; a quiet one is drawn without weight. */
  type Button = [label: string, press: () => unknown, quiet?: boolean]
  type Message = { type: `quittance:${'ready' | 'busy' | 'paid' | 'close'}`; [more: string]: unknown }
}
