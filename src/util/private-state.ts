// Why: docs/decisions/private-state.md

/**
 * Attaches values to objects of others, so that other code can neither see nor change them. A WeakMap with one entry per
 * request would cost the garbage collector more than a whole decision, so the value becomes a private member of the object
 * itself, or of its `rawHeaders`.
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
  // Where the member cannot be: engines are going to refuse private members on objects that are not extensible, and copies of a
  // request share its list.
  const others = new WeakMap<object, T>()

  class Holder extends ReturnsObject {
    #owner: object | undefined
    #value: T | undefined

    static get(object: object): T | undefined {
      const place = rawHeadersOf(object) ?? object
      return #owner in place && place.#owner === object ? place.#value : others.get(object)
    }

    static set(object: object, value: T): void {
      const place = rawHeadersOf(object) ?? object
      const holder = #owner in place ? place : Holder.#install(place, object)
      if (holder && holder.#owner === object) holder.#value = value
      else others.set(object, value)
    }

    static #install(place: object, owner: object): Holder | undefined {
      try {
        const holder = new Holder(place)
        holder.#owner = owner
        return holder
      } catch {
        return undefined
      }
    }
  }
  return Holder
}

/**
 * The list of headers that Node creates with each request. Express gives each request a prototype of its own application, and
 * V8 then a hidden class of its own: adding a member to it costs as much as a decision.
 */
function rawHeadersOf(object: object): object | undefined {
  try {
    const list: unknown = (object as { readonly rawHeaders?: unknown }).rawHeaders
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined // a proxy
  }
}
