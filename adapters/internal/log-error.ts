/** Where no framework logs it, an error of the application must not go unseen. Express and Hono do the same. */
export const logError = (error: unknown): void => console.error(error)
