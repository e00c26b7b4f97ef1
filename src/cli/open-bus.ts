import { type Address, type Bus, MemoryBus } from "../bus/index.ts";
import * as Mapper from "../mapper/mapper.ts";
import type { CameraInfo } from "../protocol/index.ts";
import { mapperAddress } from "./addresses.ts";
import { Farewells } from "./farewells.ts";
import { linkToMapper } from "./mapper-link.ts";
import type { Program } from "./program.ts";

/** A bus of this process, and how recorders reach it. */
export interface OpenBus {
  readonly bus: Bus;
  readonly mapper: Address;
  /** List a camera whose recorder is not there yet; a mapper in another process lists it when it is there. */
  readonly expect: (camera: CameraInfo) => void;
  /** List a camera no longer once its recorder has ended. */
  readonly forget: (id: string) => void;
  readonly stop: () => Promise<void>;
}

/** The mapper of this process, named after its program, or the one that the user named. */
export async function openBus(program: Program, name: string): Promise<OpenBus> {
  const { config, log, environment } = program;
  if (config.mapper !== undefined) {
    const bus = await linkToMapper(config.mapper, log, { subscribes: true });
    const farewells = new Farewells(bus);
    return {
      bus,
      mapper: config.mapper,
      expect: ({ id }) => farewells.takeBack(id),
      forget: (id) => farewells.say(id),
      stop: async () => bus[Symbol.asyncDispose](),
    };
  }
  const bus = new MemoryBus();
  const address = mapperAddress(`${name}-${process.pid}`, environment);
  const controller = new AbortController();
  const running = await Mapper.run({ address, bus, log, signal: controller.signal });
  const stop = async (): Promise<void> => {
    controller.abort();
    await running.stopped;
    await bus[Symbol.asyncDispose]();
  };
  return {
    bus,
    mapper: running.address,
    expect: (camera) => bus.expect(camera),
    forget: (id) => bus.forget(id),
    stop,
  };
}
