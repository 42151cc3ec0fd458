// The types of the operator's page: what docs/ADMIN.md says that the API answers, and what the modules share.
// tests/page/admin_contract.mjs holds the answers against the examples of that document.

declare namespace Admin {
  // The server's answers -------------------------------------------------------------------------------------------

  /** Seconds since 1970 UTC. */
  type Moment = number
  type State = 'received' | 'claimed' | 'done' | 'failed' | 'waiting' | 'parked' | 'ignored'
  type Action = 'replay' | 'park' | 'ignore'

  interface Session {
    who: string
    via: string
    csrf: string | null
    until: Moment | null
  }
  interface Health {
    now: Moment
    version: string
    /** null before the first event; so is `livemode`. */
    account: string | null
    livemode: boolean | null
    last_webhook: Moment | null
    last_posting: Moment | null
    /** Seconds that the oldest due event has waited. */
    lag: number
    counts: { received: number; claimed: number; waiting: number; failed: number; parked: number; unallocated: number }
    delivery: Delivery
    recovery: Reading[]
    completeness: Reading[]
    /** null: `quittance verify --report` never said anything. */
    books: Books | null
    alerts: Alert[]
  }
  interface Delivery {
    paused: boolean
    /** 0: on trial, one event at a time. */
    paused_until: Moment | null
    failures: number
    code: string | null
    detail: string | null
    since: Moment | null
    /** When the ERP's mark showed that it is at an earlier state; null: it does not. */
    went_back: Moment | null
    advice?: string | null
  }
  interface Reading {
    account: string
    complete_to: Moment | null
    under_way: boolean
  }
  interface Books {
    checked: Moment
    /** `equal`, `differs`, `open_items`, `not_proved` */
    verdict: string
    summary: string
  }
  interface Alert {
    id: string
    kind: string
    what: string
    todo: string
    since: Moment
    told: Moment
    times: number
  }
  interface Event {
    id: string
    type: string
    object: string
    subject: string
    account: string | null
    /** `snapshot`, `thin`, `pulled` */
    form: string
    created: Moment
    received: Moment
    state: string
    code: string | null
    detail: string | null
    attempts: number
    due: Moment | null
    finished: Moment | null
    postings: Posting[]
  }
  interface Posting {
    key: string
    kind: string
    minor: number
    /** Lower case. */
    currency: string
    name: string | null
    flags: string[]
    outcome: string | null
  }
  interface Events {
    events: Event[]
    next: string | null
  }
  /** An event's own page has more of it than the list. */
  interface WholeEvent extends Event {
    crashes: number
    waiting_for: string | null
    waiting_since: Moment | null
    livemode: boolean
    api_version: string | null
    body_kept: boolean
  }
  interface WholePosting extends Posting {
    model: string | null
    record: number | null
    documents: Array<{ id: number; name: string; residual: string; currency: string }>
    event: string
    posted: Moment | null
    occurred: Moment | null
    /** Calendar days; they differ when a lock date moved the entry. */
    intended: string | null
    date: string | null
    /** When a person allocated or dismissed it. */
    allocated: Moment | null
  }
  interface Attempt {
    number: number
    at: Moment
    last: Moment
    times: number
    state: string
    code: string | null
    detail: string | null
  }
  interface AuditEntry {
    at: Moment
    who: string
    action: string
    target: string
    reason: string
    /** null: begun, and how it ended is not known. */
    outcome: string | null
  }
  interface Story {
    event: WholeEvent
    advice: string | null
    actions: string[]
    attempts: Attempt[]
    postings: WholePosting[]
    related: Array<Pick<Event, 'id' | 'type' | 'object' | 'state' | 'code' | 'created'>>
    audit: AuditEntry[]
  }
  interface Hour {
    at: Moment
    events: number
    pulled: number
    postings: number
    /** Seconds from the movement at Stripe to its row after the ERP's answer. */
    median: number | null
    p95: number | null
    most: number | null
  }
  interface Charts {
    since: Moment
    complete: boolean
    hours: Hour[]
  }
  interface Audit {
    audit: AuditEntry[]
    next: string | null
  }
  interface ActionResult {
    id: string
    state: string
  }
  interface AssignResult {
    key: string
    outcome: string
    allocated: string
    free: string
    documents: WholePosting['documents']
  }

  // The page --------------------------------------------------------------------------------------------------------

  type Word = keyof typeof import('./assets/admin-words.js').words
  type Child = Pay.Child
  type Row = Pay.Row
  /** What of the address comes after `#`: `/events/evt_1`, and the part after its `?`. */
  interface Route {
    path: string[]
    query: URLSearchParams
  }
  interface View {
    /** For the heading and the title of the window. */
    title: string
    node: HTMLElement
  }
  /** Where a view may put itself anew, and say what happened. */
  interface Context {
    session: Session
    /** Loads the view again. `said` is shown above it and takes the focus. */
    again(said?: string): Promise<void>
    /** Shows what went wrong, or the sign-in where the session has ended. */
    trouble(error: unknown): void
  }
  type Show = (route: Route, context: Context) => Promise<View>
  type Level = 'good' | 'warn' | 'bad' | 'calm'
  /** Something that wants a person. */
  interface Finding {
    level: Level
    what: string
    todo?: string | null
    detail?: string | null
    href?: string
  }
  /** A question before something is done. */
  interface Question {
    title: string
    text: string
    /** What the button says. */
    press: string
    level?: 'bad'
    /** Asks for the invoice as well. */
    invoice?: boolean
    /** Without a reason it is not done. */
    needed?: boolean
    /** Does it; what it resolves to is said. */
    act(reason: string, invoice: string): Promise<string>
  }
  /** One column of a chart. */
  interface Bar {
    at: Moment
    /** Each from `low` to `high`, in the unit of the axis. */
    marks: Array<{ kind: string; low: number; high: number }>
    tip: string
  }
}
