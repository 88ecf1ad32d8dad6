import { Controller, Get, Module } from '@nestjs/common'
import { type AccessToken, claim } from 'bearward'
import { BearwardModule, OptionalAuth, Protect, RequireScope, Token } from 'bearward/nest'

@Controller('orders')
@Protect(claim('tenant', 'acme'))
class OrdersController {
  @Get()
  @RequireScope('read:orders')
  list(@Token() token: AccessToken): string | undefined {
    return token.subject
  }

  @Get('open')
  @OptionalAuth()
  open(@Token() token: AccessToken | undefined): string | undefined {
    return token?.subject
  }

  // @ts-expect-error: without parentheses.
  @RequireScope
  wrong(): void {}
}

@Module({
  imports: [
    BearwardModule.forRoot(
      { resource: 'https://api.example.com', issuer: 'https://auth.example.com' },
      { global: true },
    ),
    BearwardModule.forRootAsync({
      inject: ['config'],
      useFactory: async (issuer: string) => ({ resource: 'https://api.example.com', issuer }),
    }),
    // @ts-expect-error: a misspelt option.
    BearwardModule.forRoot({ resource: 'https://api.example.com', issuer: 'https://auth.example.com', audiance: 'x' }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
