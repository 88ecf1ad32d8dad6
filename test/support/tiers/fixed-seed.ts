import fc from 'fast-check'

// Loaded only if BEARWARD_SEED is set, as in the command that is printed for a failed test: fast-check then repeats the
// inputs of that run, and with BEARWARD_SEED_PATH the one that failed.
const { BEARWARD_SEED: seed, BEARWARD_SEED_PATH: path } = process.env
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed), ...(path ? { path } : {}) })
