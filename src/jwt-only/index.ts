export { createResourceServer } from './create-resource-server.ts'
export type {
  JwtIssuerOptions,
  JwtIssuerResolver,
  JwtMetadataOptions,
  JwtResourceServerOptions,
  JwtStoreOptions,
} from './options.ts'
