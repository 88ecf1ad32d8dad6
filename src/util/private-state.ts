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
  // Of objects that refuse the member, since they are not extensible, and of copies of a request, whose list is the original's.
  const others = new WeakMap<object, { readonly place: object; readonly value: T }>()

  class Holder extends ReturnsObject {
    /** The object that the value belongs to. */
    #owner: object | undefined
    #value: T | undefined

    static get(object: object): T | undefined {
      const place = placeOf(object)
      if (#owner in place && place.#owner === object) return place.#value
      const other = others.get(object)
      return other?.place === place ? other.value : undefined
    }

    static set(object: object, value: T): void {
      const place = placeOf(object)
      const holder = #owner in place ? place : Holder.#install(place, object)
      if (holder && holder.#owner === object) holder.#value = value
      else others.set(object, { place, value })
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
 * The list of headers that Node creates with each request, or the object itself. Express gives each request a prototype of its
 * own application, and V8 then a hidden class of its own: adding a member to it costs as much as a decision.
 */
function placeOf(object: object): object {
  const request = object as { readonly rawHeaders?: unknown }
  try {
    const list = request.rawHeaders
    // Read twice, because imitations of Node's requests create the list when it is read.
    return Array.isArray(list) && request.rawHeaders === list ? list : object
  } catch {
    return object // a proxy, or a getter that throws
  }
}
