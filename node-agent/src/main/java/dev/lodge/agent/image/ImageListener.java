package dev.lodge.agent.image;

import dev.lodge.agent.store.StoredObject;

/**
 * Told of every change of an image's state, and of its progress about once a second; called on the
 * import's own thread.
 */
@FunctionalInterface
public interface ImageListener {
  void changed(StoredObject image, ImageState state);
}
