/** How often a live list is asked for: often while something moves, seldom otherwise (react-query stops it when hidden). */
export const ACTIVE_MS = 1500;
export const IDLE_MS = 15_000;

export const pollEvery = (active: boolean): number => (active ? ACTIVE_MS : IDLE_MS);
