#include <mona.hpp>

#include <iostream>

int main()
{
    try {
        mona::client client; // made from the environment, too
        const mona::context run(client, "hello-classifier");
        run.send({{"label", "cat"}, {"confidence", 0.97}}).or_throw();
        client.close(std::chrono::seconds(1)).or_throw();
        return 0;
    } catch (const mona::error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
