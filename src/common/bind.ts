import type { FactoryProvider, Provider, Type } from '@nestjs/common';

/** A port: an abstract class that callers depend on. */
type Port<T> = abstract new (...args: never[]) => T;

/** How a port is implemented. */
type Adapter<T> =
  | { useClass: Type<T> }
  | { useExisting: Type<T> }
  | { useValue: T }
  | { useFactory: (...args: never[]) => T; inject: NonNullable<FactoryProvider['inject']> };

/**
 * Binds a port to its adapter. Unlike a plain provider of Nest, it does not compile if the adapter does not implement
 * the port.
 */
export function bind<T>(port: Port<T>, adapter: Adapter<NoInfer<T>>): Provider {
  return { provide: port, ...adapter } as Provider;
}
