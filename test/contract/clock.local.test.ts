import { systemClock } from '#adapters/local/system-clock.ts';
import { describeClock } from './clock.contract.ts';

describeClock({ name: 'the system clock', open: async () => systemClock });
