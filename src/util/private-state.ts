/**
 * Attaches values to objects that are not ours, invisible and unchangeable for other code. A WeakMap would do the same,
 * but for objects that live as long as a request it costs the garbage collector more than a decision costs us. So the
 * value becomes a private member of the object itself.
 */
export interface PrivateState<T> {
  get(object: object): T | undefined
  set(object: object, value: T): void
}

/** A constructor that makes nothing: what is derived from it puts its private members into the object it is given. */
class ReturnsObject {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is all it is for
    return object
  }
}

export function createPrivateState<T>(): PrivateState<T> {
  // Objects that take no members: engines are about to refuse private ones as well.
  const closed = new WeakMap<object, T>()

  class Holder extends ReturnsObject {
    #value: T | undefined

    static get(object: object): T | undefined {
      return #value in object ? object.#value : closed.get(object)
    }

    static set(object: object, value: T): void {
      if (#value in object) object.#value = value
      else if (Object.isExtensible(object)) new Holder(object).#value = value
      else closed.set(object, value)
    }
  }
  return Holder
}
