// Why: docs/decisions/private-state.md

/**
 * Attaches values to objects of others, so that other code can neither see nor change them. A WeakMap with one entry per
 * request would cost the garbage collector more than a whole decision, so the value becomes a private member of the object
 * itself.
 */
export interface PrivateState<T> {
  get(object: object): T | undefined
  set(object: object, value: T): void
}

/** Returns its argument, so that subclasses install their private members on that object. */
class ReturnsObject {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the purpose of this class
    return object
  }
}

export function createPrivateState<T>(): PrivateState<T> {
  // For non-extensible objects: engines are going to refuse private members on them, too.
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
