/** The route behind the guard, and the same one without a guard, side by side in each server. */
export const GUARDED = '/orders'
export const OPEN = '/open'
