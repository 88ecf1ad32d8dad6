import { create as createFastJwt } from './fast-jwt.mjs'

/** @param {import('../contestants.mjs').Settings} settings */
export const create = (settings) => createFastJwt(settings, true)
