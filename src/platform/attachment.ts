/**
 * Lays values beside objects that are not ours, where nobody else can see or change them. What a WeakMap does, but one
 * for objects that live as long as a request takes the garbage collector longer than a decision takes us; so that the
 * value becomes a private member of the object itself.
 */
export interface Attachment<T> {
  get(object: object): T | undefined
  set(object: object, value: T): void
}

/** A constructor that makes nothing: what is derived from it puts its private members into the object it is given. */
class Given {
  // biome-ignore lint/correctness/noConstructorReturn: that is all it is for
  constructor(object: object) {
    return object
  }
}

export function createAttachment<T>(): Attachment<T> {
  class Holder extends Given {
    #value: T | undefined

    static get(object: object): T | undefined {
      return #value in object ? object.#value : undefined
    }

    static set(object: object, value: T): void {
      const holder = #value in object ? object : new Holder(object)
      holder.#value = value
    }
  }
  return Holder
}
