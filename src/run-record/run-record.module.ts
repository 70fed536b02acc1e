import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { MESSAGE, messageSchema } from './message.schema.js';

/**
 * The collection of messages and their runs. `messages` writes questions to it, `runs` everything that happens to
 * them.
 */
@Module({
  imports: [MongooseModule.forFeature([{ name: MESSAGE, schema: messageSchema }])],
  exports: [MongooseModule],
})
export class RunRecordModule {}
