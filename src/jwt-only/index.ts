export { createResourceServer } from './create-resource-server.ts'
export type {
  JwtIssuerOptions,
  JwtMetadataOptions,
  JwtResourceServerOptions,
  JwtStoreOptions,
} from './options.ts'
