package dev.lodge.agent.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.manifest.LodgeJson;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/** JSON trees as YAML that people like to read: block style, long texts line by line. */
final class YamlText {
  private static final ObjectMapper JSON = LodgeJson.mapper();

  private YamlText() {}

  /** The tree as a document that ends with a line break. */
  static String of(JsonNode tree) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(FlowStyle.BLOCK);
    options.setSplitLines(false);
    options.setIndicatorIndent(0);
    return new Yaml(new Lines(options), options).dump(JSON.convertValue(tree, Object.class));
  }

  /** Texts of several lines stand as such; what cannot is quoted by the emitter. */
  private static final class Lines extends Representer {
    Lines(DumperOptions options) {
      super(options);
    }

    @Override
    protected Node representScalar(Tag tag, String value, ScalarStyle style) {
      boolean lines = tag == Tag.STR && value.indexOf('\n') >= 0;
      return super.representScalar(tag, value, lines ? ScalarStyle.LITERAL : style);
    }
  }
}
