import { Global, Module, type DynamicModule } from '@nestjs/common';
import { bind, Clock, SystemClock } from '../../common/index.js';
import { Settings } from './settings.js';

/** Provides the {@link Settings} and the {@link Clock} everywhere. */
@Global()
@Module({})
export class ConfigModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: ConfigModule,
      providers: [bind(Settings, { useValue: settings }), bind(Clock, { useClass: SystemClock })],
      exports: [Settings, Clock],
    };
  }
}
