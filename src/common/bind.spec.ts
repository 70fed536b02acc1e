import { bind } from './bind.js';

abstract class Port {
  abstract find(id: string): Promise<number>;
}
class Adapter extends Port {
  override find(id: string): Promise<number> {
    return Promise.resolve(id.length);
  }
}
class Stranger {
  find(id: string): number {
    return id.length;
  }
}

it('gives a provider for the port', () => {
  expect(bind(Port, { useClass: Adapter })).toEqual({ provide: Port, useClass: Adapter });
  expect(bind(Port, { useExisting: Adapter })).toEqual({ provide: Port, useExisting: Adapter });
  const useFactory = (): Port => new Adapter();
  expect(bind(Port, { useFactory, inject: ['x'] })).toEqual({ provide: Port, useFactory, inject: ['x'] });
});

it('is checked by the compiler', () => {
  // @ts-expect-error a class that does not implement the port
  expect(bind(Port, { useClass: Stranger })).toBeDefined();
  // @ts-expect-error what does not implement the port
  expect(bind(Port, { useExisting: Stranger })).toBeDefined();
  // @ts-expect-error what does not implement the port
  expect(bind(Port, { useValue: new Stranger() })).toBeDefined();
  // @ts-expect-error what does not implement the port
  expect(bind(Port, { useFactory: () => new Stranger(), inject: [] })).toBeDefined();
});
