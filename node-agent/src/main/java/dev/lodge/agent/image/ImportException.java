package dev.lodge.agent.image;

/** Carries an {@link ImageFailure} out of an import. */
final class ImportException extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient ImageFailure failure;

  ImportException(ImageFailure failure) {
    super(failure.message());
    this.failure = failure;
  }

  ImageFailure failure() {
    return failure;
  }
}
