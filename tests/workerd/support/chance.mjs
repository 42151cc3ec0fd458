// Chance that repeats: the same seed gives the same draws.

export class Chance {
  #state

  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** A number from 0 up to, not including, `n`: mulberry32. */
  below(n) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * n)
  }

  percent(chance) {
    return this.below(100) < chance
  }

  one(list) {
    return list[this.below(list.length)]
  }
}
